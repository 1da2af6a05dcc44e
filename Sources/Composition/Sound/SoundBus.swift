/// The sounds that are treated alike, laid out in lanes.
package struct SoundBus: Sendable, Hashable {
    package enum Kind: String, Sendable, CaseIterable {
        case dialogue, effects, music

        /// Dialogue and effects stand in the middle; music has its own stereo picture.
        var channels: Int { self == .music ? 2 : 1 }
    }

    /// Sounds that do not overlap, in the order of the film.
    package typealias Lane = [SoundClip]

    package let kind: Kind
    package let lanes: [Lane]

    /// Lays `clips` into as few lanes as possible.
    package init(_ kind: Kind, clips: [SoundClip]) {
        self.kind = kind
        var lanes: [Lane] = []
        for clip in clips.sorted(by: { ($0.start, $0.input) < ($1.start, $1.input) }) {
            let free = lanes.firstIndex { ($0.last?.end ?? 0) <= clip.start }
            if let free {
                lanes[free].append(clip)
            } else {
                lanes.append([clip])
            }
        }
        self.lanes = lanes
    }

    var clips: Int { lanes.reduce(0) { $0 + $1.count } }
}
