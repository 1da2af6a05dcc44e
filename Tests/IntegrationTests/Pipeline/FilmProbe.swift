import Foundation
import Subprocess
import SystemPackage

/// What ffprobe, which decodes every frame, says of a film.
struct FilmProbe: Decodable {
    struct Stream: Decodable {
        let kind: String
        let codec: String
        let pixelFormat: String?
        let width: Int?
        let height: Int?
        let frameRate: String
        let sampleRate: String?
        let frames: String?

        private enum CodingKeys: String, CodingKey {
            case width, height
            case kind = "codec_type"
            case codec = "codec_name"
            case pixelFormat = "pix_fmt"
            case frameRate = "r_frame_rate"
            case sampleRate = "sample_rate"
            case frames = "nb_read_frames"
        }
    }

    struct Format: Decodable {
        let duration: String
    }

    let streams: [Stream]
    let format: Format

    var picture: Stream? { streams.first { $0.kind == "video" } }
    var sound: Stream? { streams.first { $0.kind == "audio" } }
    /// In seconds.
    var duration: Double { Double(format.duration) ?? 0 }

    private static let answerMax = 1 << 20

    static func read(_ path: FilePath) async throws -> FilmProbe {
        let arguments = [
            "-v", "error", "-count_frames", "-show_streams", "-show_format", "-of", "json", path.string,
        ]
        let result = try await run(
            .name("ffprobe"), arguments: Arguments(arguments), output: .string(limit: answerMax),
            error: .string(limit: answerMax))
        guard result.terminationStatus.isSuccess, result.standardError.isEmpty else {
            throw PipelineFailure("ffprobe cannot read the film: \(result.standardError)")
        }
        return try JSONDecoder().decode(FilmProbe.self, from: Data(result.standardOutput.utf8))
    }

    /// The kinds of an MP4 file's top-level boxes, in order.
    static func boxes(of path: FilePath) throws -> [String] {
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: path.string)))
        var kinds: [String] = []
        var offset = 0
        while offset + 8 <= bytes.count {
            let size = bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
            kinds.append(String(decoding: bytes[offset + 4..<offset + 8], as: UTF8.self))
            guard size >= 8 else { break }
            offset += size
        }
        return kinds
    }
}
