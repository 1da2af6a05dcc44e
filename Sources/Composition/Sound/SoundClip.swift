package import MediaFiles
package import SystemPackage

/// A sound as it lies in the film: placed, and cut where it has to end.
package struct SoundClip: Sendable, Hashable {
    /// The name of the input.
    package let input: String
    package let path: FilePath
    package let container: SoundFacts.Container
    /// Where it begins in the film, in samples.
    package let start: Int
    /// Samples of the film that it fills.
    package let length: Int
    package let gainDecibels: Double
    /// Whether there is more of it than is heard.
    package let isCut: Bool

    package init(
        input: String, path: FilePath, container: SoundFacts.Container, start: Int, length: Int,
        gainDecibels: Double = 0, isCut: Bool = false
    ) {
        self.input = input
        self.path = path
        self.container = container
        self.start = start
        self.length = length
        self.gainDecibels = gainDecibels
        self.isCut = isCut
    }

    package var end: Int { start + length }
}
