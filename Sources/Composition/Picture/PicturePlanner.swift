package import MediaFiles
package import StudioCore

/// Decides for every shot what is copied and what is encoded; pure.
package struct PicturePlanner: Sendable {
    /// A shot that is short by at most this share of a second is filled up with its last frame.
    private static let holdSecondsMax = 0.5

    package let timeline: Timeline
    package let sources: [PictureSource]

    package init(timeline: Timeline, sources: [PictureSource]) {
        self.timeline = timeline
        self.sources = sources
    }

    /// Checks the timeline against itself and against the files.
    ///
    /// - Throws: `TaskFailure` of class `user_error` when they cannot become a film.
    package func validate() throws {
        var end = 0
        for (index, source) in sources.enumerated() {
            let segment = source.segment
            let start = index == 0 ? 0 : end - segment.transition.overlap
            guard segment.startFrame == start else {
                throw Self.refuse("bad_timeline", segment, "starts at frame \(segment.startFrame), not \(start)")
            }
            guard segment.frames > 0, segment.transition.frames >= 0, head(index) + tail(index) <= segment.frames else {
                throw Self.refuse("bad_timeline", segment, "is shorter than its transitions")
            }
            if index == 0, segment.transition.kind == .dissolve {
                throw Self.refuse("bad_timeline", segment, "dissolves, but no shot comes before it")
            }
            let missing = segment.frames - source.frames(at: timeline.profile)
            let rate = timeline.profile.frameRate
            if Double(missing) * Double(rate.denominator) / Double(rate.numerator) > Self.holdSecondsMax {
                throw Self.refuse(
                    "shot_too_short", segment, "has \(segment.frames - missing) of \(segment.frames) frames")
            }
            end = segment.startFrame + segment.frames
        }
        guard end == timeline.frames, timeline.frames > 0 else {
            throw TaskFailure(
                .userError, code: "bad_timeline",
                detail: "the shots end at frame \(end), the film at frame \(timeline.frames)")
        }
    }

    private static func refuse(_ code: String, _ segment: Timeline.Segment, _ what: String) -> TaskFailure {
        TaskFailure(.userError, code: code, detail: "shot \(segment.shot) \(what)")
    }

    /// Frames at the start of a shot that belong to the transition before it.
    private func head(_ index: Int) -> Int { sources[index].segment.transition.frames }

    /// Frames at the end of a shot that belong to the transition behind it.
    private func tail(_ index: Int) -> Int {
        index + 1 < sources.count ? sources[index + 1].segment.transition.frames : 0
    }

    /// The signature that most of the fitting shots have; of equally common ones, that of the earliest shot.
    package var commonSignature: SpliceSignature? {
        var counts: [SpliceSignature: Int] = [:]
        let fitting = sources.filter { $0.mismatch(with: timeline.profile) == nil }.map(\.facts.signature)
        for signature in fitting { counts[signature, default: 0] += 1 }
        let most = counts.values.max()
        return fitting.first { counts[$0] == most }
    }

    /// Whether anything has to be encoded, so that the copied shots must match the composer's own recipe.
    package var needsEncoder: Bool {
        guard let common = commonSignature else { return true }
        return plan(signature: common).framesEncoded > 0
    }

    /// The plan for a film whose stream has `signature`.
    package func plan(signature: SpliceSignature) -> PicturePlan {
        let faults = sources.map { fault(of: $0, signature) }
        var pieces: [PicturePiece] = []
        var shots: [PicturePlan.Shot] = []
        var bridges: [PicturePlan.Bridge] = []
        for (index, source) in sources.enumerated() {
            if let (piece, bridge) = self.bridge(into: index, faults) {
                pieces.append(piece)
                bridges.append(bridge)
            }
            let range = head(index)..<(source.segment.frames - tail(index))
            let middle = self.pieces(of: index, range, conform: faults[index] != nil)
            pieces += middle
            let encoded = middle.reduce(0) { $0 + $1.framesEncoded }
            let mode: PicturePlan.Mode
            var reason = faults[index]
            if reason != nil {
                mode = .normalised
            } else if encoded > 0 {
                mode = encoded == range.count ? .normalised : .trimmed
                reason = "no key frame where the copy had to be cut"
            } else {
                mode = source.remuxed == nil ? .copied : .remuxed
                reason = source.remuxed
            }
            shots.append(
                PicturePlan.Shot(
                    shot: source.segment.shot, mode: mode, reason: reason, framesCopied: range.count - encoded,
                    framesEncoded: encoded))
        }
        return PicturePlan(pieces: pieces, shots: shots, bridges: bridges)
    }

    private func fault(of source: PictureSource, _ signature: SpliceSignature) -> String? {
        if let mismatch = source.mismatch(with: timeline.profile) { return mismatch }
        if source.facts.signature != signature {
            return "stream parameters \(source.facts.signature) differ from the film's \(signature)"
        }
        return source.containerFault(for: timeline.profile)
    }

    private func bridge(into index: Int, _ faults: [String?]) -> (PicturePiece, PicturePlan.Bridge)? {
        let segment = sources[index].segment
        let length = segment.transition.frames
        guard segment.transition.kind != .cut, length > 0 else { return nil }
        var rising = PicturePiece.Span(shot: index, frames: 0..<length, conform: faults[index] != nil)
        var falling: PicturePiece.Span?
        if index > 0 {
            let end = sources[index - 1].segment.frames
            falling = .init(shot: index - 1, frames: end - length..<end, conform: faults[index - 1] != nil)
        }
        let piece: PicturePiece
        if segment.transition.kind == .dissolve, let falling {
            piece = PicturePiece(frames: length, work: .dissolve(falling, rising))
        } else {
            rising.fade = .rise
            falling?.fade = .fall
            let spans = [falling, rising].compactMap { $0 }
            piece = PicturePiece(frames: length * spans.count, work: .encode(spans))
        }
        return (
            piece,
            PicturePlan.Bridge(
                from: index > 0 ? sources[index - 1].segment.shot : nil, to: segment.shot,
                kind: segment.transition.kind.rawValue, framesEncoded: piece.frames)
        )
    }

    /// The part of a shot outside of transitions: copied between the outermost key frames, encoded around them.
    private func pieces(of index: Int, _ range: Range<Int>, conform: Bool) -> [PicturePiece] {
        func encoded(_ range: Range<Int>) -> [PicturePiece] {
            guard !range.isEmpty else { return [] }
            let span = PicturePiece.Span(shot: index, frames: range, conform: conform)
            return [PicturePiece(frames: range.count, work: .encode([span]))]
        }
        guard !range.isEmpty, !conform else { return encoded(range) }
        let facts = sources[index].facts
        if range == 0..<facts.frames { return [PicturePiece(frames: range.count, work: .whole(shot: index))] }
        let cuts = facts.cutFrames.union([facts.frames]).filter { range.lowerBound <= $0 && $0 <= range.upperBound }
        guard let first = cuts.min(), let last = cuts.max(), first < last else { return encoded(range) }
        let copied = PicturePiece(frames: last - first, work: .cut(shot: index, frames: first..<last))
        return encoded(range.lowerBound..<first) + [copied] + encoded(last..<range.upperBound)
    }
}
