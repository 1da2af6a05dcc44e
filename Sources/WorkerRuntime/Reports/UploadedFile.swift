package import StudioCore

/// A file that is in the object store.
package struct UploadedFile: Sendable, Hashable {
    package let declaration: UploadDeclaration
    package let media: MediaFacts

    package init(declaration: UploadDeclaration, media: MediaFacts) {
        self.declaration = declaration
        self.media = media
    }
}
