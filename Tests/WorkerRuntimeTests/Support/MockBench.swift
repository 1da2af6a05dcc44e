import Foundation
import StudioCore
import SystemPackage
import WorkerRuntime

/// A folder and a tool for trying mock executors.
struct MockBench: ~Copyable {
    let root: FilePath
    let tool: MockTool

    var profile: DeliveryProfile { DeliveryProfile(width: 320, height: 180, frameRate: FrameRate(24)) }

    init() throws {
        let tool = try MockTool("ffmpeg")
        let root = FilePath(FileManager.default.temporaryDirectory.path()).appending("mock-\(UUID().uuidString)")
        try FileManager.default.createDirectory(atPath: root.string, withIntermediateDirectories: true)
        self.root = root
        self.tool = tool
    }

    deinit {
        try? FileManager.default.removeItem(atPath: root.string)
    }

    func assignment(
        _ spec: TaskSpec, inputs: [String: FilePath] = [:], task: TaskID = TaskID(), attempt: Int = 1
    ) throws -> Assignment {
        let directory = root.appending(UUID().uuidString)
        try FileManager.default.createDirectory(atPath: directory.string, withIntermediateDirectories: true)
        return Assignment(task: task, attempt: attempt, spec: spec, inputs: inputs, directory: directory)
    }

    func execute(
        _ executor: some TaskExecutor, _ spec: TaskSpec, inputs: [String: FilePath] = [:]
    ) async throws -> [ProducedFile] {
        try await executor.execute(try assignment(spec, inputs: inputs), report: ProgressReporter { _ in })
    }

    func file(_ name: String, _ text: String) throws -> FilePath {
        let path = root.appending(name)
        try text.write(toFile: path.string, atomically: false, encoding: .utf8)
        return path
    }

    func video(
        prompt: String = "A lighthouse at dawn", style: String = "watercolor", seed: UInt64 = 1, frames: Int = 48,
        keyframes: [Int] = [], shot: String = "s01", entities: [EntityCue] = []
    ) -> TaskSpec {
        .video(
            VideoSpec(
                shot: shot, number: 1, prompt: prompt, style: style, entities: entities, model: "mock", seed: seed,
                profile: profile, frames: frames, startFrame: 86_399, keyframes: keyframes))
    }
}

/// What a test wants to know of an MP4 file with one track.
struct MovieFacts {
    let frames: Int
    /// Key frames, from 0.
    let keyframes: [Int]
    /// The decoder configuration.
    let description: [UInt8]

    init(_ path: FilePath) throws {
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: path.string)))
        func box(_ name: String) -> ArraySlice<UInt8> {
            let mark = Array(name.utf8)
            let found = bytes.indices.dropLast(8).first { at in at >= 4 && bytes[at..<(at + 4)].elementsEqual(mark) }
            guard let found else { return [] }
            return bytes[(found + 4)..<min(bytes.count, found - 4 + Self.word(bytes[(found - 4)..<found]))]
        }
        let sizes = box("stsz")
        frames = Self.word(sizes.dropFirst(8).prefix(4))
        let sync = box("stss")
        let count = Self.word(sync.dropFirst(4).prefix(4))
        keyframes = (0..<count).map { Self.word(sync.dropFirst(8 + 4 * $0).prefix(4)) - 1 }
        description = Array(box("avcC"))
    }

    private static func word(_ bytes: ArraySlice<UInt8>) -> Int { bytes.reduce(0) { $0 << 8 | Int($1) } }
}
