package import StudioCore
package import SystemPackage

/// A file that an executor made.
package struct ProducedFile: Sendable {
    /// The name of the declared output: `video.mp4`.
    package let name: String
    package let path: FilePath
    package let contentType: String
    package let media: MediaFacts

    package init(name: String, path: FilePath, contentType: String, media: MediaFacts) {
        self.name = name
        self.path = path
        self.contentType = contentType
        self.media = media
    }
}
