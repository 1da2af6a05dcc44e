/// A part of the film's picture that one file holds.
package struct PicturePiece: Sendable, Hashable {
    /// Frames of one shot.
    package struct Span: Sendable, Hashable {
        package enum Fade: String, Sendable {
            case rise = "in"
            case fall = "out"
        }

        /// Index of the shot in the timeline.
        package let shot: Int
        package let frames: Range<Int>
        /// Scaled, padded and brought to the profile's frame rate first.
        package var conform = false
        package var fade: Fade?

        package init(shot: Int, frames: Range<Int>, conform: Bool = false, fade: Fade? = nil) {
            self.shot = shot
            self.frames = frames
            self.conform = conform
            self.fade = fade
        }
    }

    /// How the file comes to be.
    package enum Work: Sendable, Hashable {
        /// The shot's own file, as it is.
        case whole(shot: Int)
        /// A copy of some of the shot's frames.
        case cut(shot: Int, frames: Range<Int>)
        /// The spans, encoded one after the other.
        case encode([Span])
        /// Two spans of equal length, dissolved into each other and encoded.
        case dissolve(Span, Span)
    }

    package let frames: Int
    package let work: Work

    /// Frames of it that pass through the encoder.
    var framesEncoded: Int {
        switch work {
        case .whole, .cut: 0
        case .encode, .dissolve: frames
        }
    }
}
