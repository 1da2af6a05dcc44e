/// One track of an MP4 file, as its tables describe it.
package struct MovieTrack: Sendable {
    enum Handler: Sendable {
        case picture, sound, other
    }

    /// `count` samples in a row that share `value`.
    struct Stretch: Sendable {
        let count: Int
        let value: Int
    }

    var handler = Handler.other
    /// Ticks a second.
    package internal(set) var timescale = 0
    /// Codec, as in the sample description: `avc1`, `mp4a`.
    package internal(set) var codec = ""
    /// More than one description means that parameters change on the way.
    package internal(set) var descriptions = 0
    package internal(set) var width = 0
    package internal(set) var height = 0
    package internal(set) var channels = 0
    package internal(set) var sampleRate = 0
    /// The codec's own configuration box (`avcC`, `hvcC`, `esds`), whole.
    var extradata: [UInt8] = []
    /// Aspect, colour and field boxes, name and content in the order of their names.
    var appearance: [UInt8] = []
    /// The transformation matrix of the track header.
    var matrix: [UInt8] = []

    var durations: [Stretch] = []
    var compositionOffsets: [Stretch] = []
    /// Samples that are key frames, from 0; `nil` means all of them.
    var syncSamples: [Int]?
    /// Samples that the index names; frames, of a picture.
    package internal(set) var sampleCount = 0
    /// Samples that the index gives a place in the file.
    var placedSamples = 0
    /// The first byte after the samples' data; 0 when they have none.
    var dataEnd = 0

    /// Where the presentation starts within the track, in ticks; 0 without an edit list.
    package internal(set) var editStart = 0
    /// Length of the presentation in ticks of the movie, when an edit list says so.
    package internal(set) var editDuration: Int?
    /// Empty time before the presentation, in ticks of the movie.
    package internal(set) var emptyEdit = 0
    /// Edits that show something; more than one cannot be joined by copying.
    var edits = 0

    /// Sum of the samples' durations, in ticks.
    package internal(set) var mediaDuration = 0
}
