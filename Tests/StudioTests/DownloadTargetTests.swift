import Foundation
import StudioClient
import Testing

@testable import studio

@Suite struct DownloadTargetTests {
    private func withDirectory(_ body: (String) throws -> Void) throws {
        let path = NSTemporaryDirectory() + "target-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path)
    }

    private func refusal(of path: String) -> String? {
        do {
            try DownloadTarget.check(path)
            return nil
        } catch {
            #expect(error.code == .file)
            return error.detail
        }
    }

    @Test func `a new name and an ordinary file will do`() throws {
        try withDirectory { directory in
            #expect(refusal(of: directory + "/film.mp4") == nil)
            try Data("old".utf8).write(to: URL(fileURLWithPath: directory + "/film.mp4"))
            #expect(refusal(of: directory + "/film.mp4") == nil)
        }
    }

    @Test func `what is no ordinary file is not replaced`() throws {
        try withDirectory { directory in
            let files = FileManager.default
            try files.createSymbolicLink(atPath: directory + "/link", withDestinationPath: directory + "/elsewhere")
            #expect(refusal(of: "/dev/null")?.contains("device") == true)
            #expect(refusal(of: directory + "/link")?.contains("link") == true)
            #expect(refusal(of: directory)?.contains("is a directory") == true)
            #expect(refusal(of: directory + "/none/film.mp4")?.contains("no directory \(directory)/none") == true)
            #expect(refusal(of: directory + "/link/film.mp4") != nil)
            #expect(refusal(of: "") != nil)
        }
    }

    @Test func `a film that cannot be written is a fault of the call, told before anything is rendered`() throws {
        let client = StudioClient(configuration: StudioClientConfiguration(url: "http://127.0.0.1:1", apiKey: "k"))
        try withDirectory { directory in
            try FileManager.default.createDirectory(
                atPath: directory + "/taken.jpg", withIntermediateDirectories: false)
            _ = try FilmDownload(client: client, path: directory + "/film.mp4")
            for name in ["none/film.mp4", "taken.mp4", "film.jpg"] {
                let failure = #expect(throws: Failure.self) {
                    try FilmDownload(client: client, path: "\(directory)/\(name)")
                }
                #expect(failure?.code == .usage)
            }
        }
    }
}
