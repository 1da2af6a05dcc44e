/// How the film's picture is put together, and why so.
package struct PicturePlan: Sendable {
    package enum Mode: String, Codable, Sendable {
        /// Every frame outside of transitions is copied.
        case copied
        /// Copied after its file was wrapped anew.
        case remuxed
        /// Some frames are encoded because no key frame lies where the copy had to be cut.
        case trimmed
        /// Every frame is encoded.
        case normalised
    }

    /// What happens to one shot.
    package struct Shot: Sendable, Codable, Hashable {
        package let shot: String
        package let mode: Mode
        /// Why it is not simply copied.
        package let reason: String?
        package let framesCopied: Int
        /// Frames outside of transitions that are encoded.
        package let framesEncoded: Int
    }

    /// A transition.
    package struct Bridge: Sendable, Codable, Hashable {
        /// The shot before it; `nil` when the film fades in.
        package let from: String?
        package let to: String
        package let kind: String
        package let framesEncoded: Int
    }

    /// In the order of the film.
    package let pieces: [PicturePiece]
    package let shots: [Shot]
    package let bridges: [Bridge]

    package var framesEncoded: Int { pieces.reduce(0) { $0 + $1.framesEncoded } }
    package var frames: Int { pieces.reduce(0) { $0 + $1.frames } }
}
