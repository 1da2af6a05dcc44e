import MediaFiles
import StudioCore
import Synchronization
import SystemPackage

/// Makes the pieces of the picture that the plan asks for.
struct PictureBuilder: Sendable {
    let configuration: ComposerConfiguration
    let profile: DeliveryProfile
    let scratch: Scratch
    let report: CompositionProgress

    private var arguments: PictureArguments { PictureArguments(profile: profile, recipe: configuration.recipe) }

    /// Reads what every file says, and wraps anew those that only their container keeps from being copied.
    func sources(of timeline: Timeline, inputs: [String: FilePath]) async throws -> [PictureSource] {
        var sources: [PictureSource] = []
        let total = timeline.segments.count
        for (index, segment) in timeline.segments.enumerated() {
            if index % 32 == 0 {
                try Task.checkCancellation()
                report("composing.probe", index, total, "shots")
            }
            guard let path = inputs[segment.input] else {
                throw TaskFailure(
                    .userError, code: "input_missing", detail: "shot \(segment.shot): no input \(segment.input)")
            }
            let source = PictureSource(segment: segment, path: path, facts: try Self.facts(path, shot: segment.shot))
            sources.append(try await wrapped(source, index: index))
        }
        report("composing.probe", total, total, "shots")
        return sources
    }

    private static func facts(_ path: FilePath, shot: String) throws -> PictureFacts {
        do {
            return try PictureFacts(reading: path)
        } catch let error as MediaFile.Unreadable {
            throw TaskFailure(.userError, code: "input_corrupt", detail: "shot \(shot): \(error.detail)")
        } catch {
            throw TaskFailure(.temporary, code: "input_unreadable", detail: "shot \(shot): \(error)")
        }
    }

    private func wrapped(_ source: PictureSource, index: Int) async throws -> PictureSource {
        guard source.mismatch(with: profile) == nil, let fault = source.containerFault(for: profile) else {
            return source
        }
        let name = "wrapped\(index).mp4"
        try await configuration.run(
            arguments.remux(source.path, to: name), in: scratch.directory, step: "wrapping shot \(source.segment.shot)")
        let facts = try Self.facts(scratch.path(name), shot: source.segment.shot)
        // Where even that does not help, the shot is encoded from its own file.
        guard facts.frames == source.facts.frames, facts.containerFault == nil else { return source }
        return PictureSource(segment: source.segment, path: scratch.path(name), facts: facts, remuxed: fault)
    }

    /// What the streams of the composer's own recipe look like on this machine.
    func ownSignature() async throws -> SpliceSignature {
        try await configuration.run(
            arguments.sample(to: "sample.mp4"), in: scratch.directory, step: "trying the encoder")
        return try Self.facts(scratch.path("sample.mp4"), shot: "sample").signature
    }

    /// Makes all pieces, several at a time.
    ///
    /// - Returns: names within the scratch folder and lengths in frames, in the order of the film.
    func build(
        _ plan: PicturePlan, sources: [PictureSource], signature: SpliceSignature
    ) async throws -> [(name: String, frames: Int)] {
        let total = plan.framesEncoded
        report("composing.bridge", 0, total, "frames")
        // Of each piece as much as is encoded by now: several are made at a time, and one may take an hour.
        let encoded = Mutex([Int](repeating: 0, count: plan.pieces.count))
        let tell = { @Sendable (index: Int, frames: Int) in
            guard plan.pieces[index].framesEncoded > 0 else { return }
            let done = encoded.withLock { encoded in
                encoded[index] = min(frames, plan.pieces[index].framesEncoded)
                return encoded.reduce(0, +)
            }
            report("composing.bridge", done, total, "frames")
        }
        try await withThrowingTaskGroup(of: Int.self) { group in
            var next = 0
            var running = 0
            while next < plan.pieces.count || running > 0 {
                while next < plan.pieces.count, running < configuration.parallelRuns {
                    let index = next
                    group.addTask {
                        try await make(plan.pieces[index], index, sources, signature) { tell(index, $0) }
                        return index
                    }
                    next += 1
                    running += 1
                }
                guard let index = try await group.next() else { break }
                running -= 1
                tell(index, plan.pieces[index].framesEncoded)
            }
        }
        return plan.pieces.enumerated().map { (name(of: $0), $1.frames) }
    }

    private func name(of index: Int) -> String { "piece\(index).mp4" }

    private func make(
        _ piece: PicturePiece, _ index: Int, _ sources: [PictureSource], _ signature: SpliceSignature,
        tell: @escaping @Sendable (_ frames: Int) -> Void
    ) async throws {
        let name = name(of: index)
        func run(_ arguments: [String], _ step: String, _ shot: Int) async throws {
            let step = "\(step) shot \(sources[shot].segment.shot)"
            try await configuration.run(arguments, in: scratch.directory, step: step) { tell($0.frames) }
        }
        switch piece.work {
        case .whole(let shot):
            return try scratch.link(name, to: sources[shot].path)
        case .cut(let shot, let frames):
            try await run(arguments.cut(sources[shot].path, frames, to: name), "cutting", shot)
            if try fault(of: piece, name, signature) == nil { return }
            // The file's index promised a clean cut and its data did not keep it.
            let span = PicturePiece.Span(shot: shot, frames: frames)
            try await run(arguments.encode([span], sources: sources, to: name), "encoding", shot)
        case .encode(let spans):
            let shot = spans.last?.shot ?? 0
            try await run(arguments.encode(spans, sources: sources, to: name), "encoding", shot)
        case .dissolve(let first, let second):
            try await run(arguments.dissolve(first, second, sources: sources, to: name), "dissolving into", second.shot)
        }
        if let fault = try fault(of: piece, name, signature) {
            throw TaskFailure(.temporary, code: "piece_wrong", detail: "piece \(index) of the picture: \(fault)")
        }
    }

    /// What is wrong with a piece; `nil` when it joins.
    private func fault(of piece: PicturePiece, _ name: String, _ signature: SpliceSignature) throws -> String? {
        let facts = try Self.facts(scratch.path(name), shot: name)
        if facts.frames != piece.frames { return "\(facts.frames) frames, not \(piece.frames)" }
        if facts.signature != signature { return "stream parameters \(facts.signature), not \(signature)" }
        if facts.timescale != profile.videoTimescale { return "timescale \(facts.timescale)" }
        if let fault = facts.containerFault { return fault }
        if !facts.cutFrames.contains(0) { return "it does not begin with a key frame" }
        return facts.firstOffGrid(at: profile.frameRate).map { "frame \($0) is not on the grid" }
    }
}
