import Composition
import MediaFiles
import StudioCore
import SystemPackage
import Testing

struct PicturePlannerTests {
    private let profile = DeliveryProfile(width: 1280, height: 720, frameRate: FrameRate(24))
    private let house = SpliceSignature(standingFor: "house")
    private let other = SpliceSignature(standingFor: "other")

    private func planner(
        _ shots: [(name: String, frames: Int, transition: Transition)], cuts: [[Int]] = [],
        signatures: [SpliceSignature] = []
    ) -> PicturePlanner {
        let segments = segments(shots)
        let sources = segments.enumerated().map { index, segment in
            PictureSource(
                segment: segment, path: FilePath("/media/\(segment.shot).mp4"),
                facts: PictureFacts(
                    frames: segment.frames, width: 1280, height: 720, timescale: 90_000, ticks: 3_750,
                    cutFrames: Set([0] + (index < cuts.count ? cuts[index] : [])),
                    signature: index < signatures.count ? signatures[index] : house))
        }
        return PicturePlanner(timeline: timeline(profile, segments), sources: sources)
    }

    @Test func `shots that fit are copied whole`() throws {
        let planner = planner([("a", 96, .cut), ("b", 48, .cut)])
        try planner.validate()
        #expect(!planner.needsEncoder)
        let plan = planner.plan(signature: house)
        #expect(plan.pieces.map(\.work) == [.whole(shot: 0), .whole(shot: 1)])
        #expect(plan.framesEncoded == 0)
        #expect(plan.shots.map(\.mode) == [.copied, .copied])
    }

    @Test func `a dissolve on key frames encodes the overlap only`() throws {
        let dissolve = Transition(kind: .dissolve, frames: 12)
        let planner = planner([("a", 96, .cut), ("b", 48, dissolve)], cuts: [[84], [12]])
        try planner.validate()
        #expect(planner.needsEncoder)
        let plan = planner.plan(signature: house)
        let expected: [PicturePiece.Work] = [
            .cut(shot: 0, frames: 0..<84),
            .dissolve(.init(shot: 0, frames: 84..<96), .init(shot: 1, frames: 0..<12)),
            .cut(shot: 1, frames: 12..<48),
        ]
        #expect(plan.pieces.map(\.work) == expected)
        #expect(plan.frames == 132)
        #expect(plan.framesEncoded == 12)
        #expect(plan.bridges.map(\.from) == ["a"])
        #expect(plan.bridges.map(\.framesEncoded) == [12])
    }

    @Test func `a fade takes frames of both shots and shortens nothing`() throws {
        let fade = Transition(kind: .fade, frames: 8)
        let planner = planner([("a", 48, fade), ("b", 48, fade)], cuts: [[8, 40], [8]])
        try planner.validate()
        let plan = planner.plan(signature: house)
        let expected: [PicturePiece.Work] = [
            .encode([.init(shot: 0, frames: 0..<8, fade: .rise)]), .cut(shot: 0, frames: 8..<40),
            .encode([.init(shot: 0, frames: 40..<48, fade: .fall), .init(shot: 1, frames: 0..<8, fade: .rise)]),
            .cut(shot: 1, frames: 8..<48),
        ]
        #expect(plan.pieces.map(\.work) == expected)
        #expect(plan.frames == 96)
    }

    @Test func `where a key frame is missing the copy goes from key frame to key frame`() {
        let dissolve = Transition(kind: .dissolve, frames: 12)
        let planner = planner(
            [("a", 96, .cut), ("b", 96, dissolve), ("c", 96, dissolve)], cuts: [[48], [24, 48], []])
        let plan = planner.plan(signature: house)
        let expected: [PicturePiece.Work] = [
            .cut(shot: 0, frames: 0..<48), .encode([.init(shot: 0, frames: 48..<84)]),
            .dissolve(.init(shot: 0, frames: 84..<96), .init(shot: 1, frames: 0..<12)),
            .encode([.init(shot: 1, frames: 12..<24)]), .cut(shot: 1, frames: 24..<48),
            .encode([.init(shot: 1, frames: 48..<84)]),
            .dissolve(.init(shot: 1, frames: 84..<96), .init(shot: 2, frames: 0..<12)),
            .encode([.init(shot: 2, frames: 12..<96)]),
        ]
        #expect(plan.pieces.map(\.work) == expected)
        #expect(plan.shots.map(\.mode) == [.trimmed, .trimmed, .normalised])
        #expect(plan.shots.map(\.framesCopied) == [48, 24, 0])
    }

    @Test func `what most shots share is the film's signature, unless something must be encoded`() {
        let three = planner([("a", 24, .cut), ("b", 24, .cut), ("c", 24, .cut)], signatures: [house, other, other])
        #expect(three.commonSignature == other)
        #expect(three.needsEncoder)
        let plan = three.plan(signature: other)
        #expect(plan.shots.map(\.mode) == [.normalised, .copied, .copied])
        #expect(plan.shots[0].reason == "stream parameters \(house) differ from the film's \(other)")
        let same = planner([("a", 24, .cut), ("b", 24, .cut)], signatures: [other, other])
        #expect(!same.needsEncoder)
    }

    @Test func `ten thousand shots are planned in a moment`() throws {
        let dissolve = Transition(kind: .dissolve, frames: 6)
        let shots = (0..<10_000).map { (name: "s\($0)", frames: 48, transition: $0 % 3 == 1 ? dissolve : .cut) }
        let planner = planner(shots, cuts: shots.map { _ in [6, 42] })
        try planner.validate()
        let clock = ContinuousClock()
        let start = clock.now
        let plan = planner.plan(signature: house)
        #expect(plan.frames == planner.timeline.frames)
        #expect(clock.now - start < .seconds(30))
    }
}
