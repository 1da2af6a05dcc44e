import Foundation
import NIOCore
import SystemPackage
import Testing
import _NIOFileSystem

@testable import ObjectStore

@Suite struct FileTests {
    @Test func `a digest is that of the whole file`() async throws {
        try await withScratch { folder in
            let path = folder.appending("file")
            // More than one chunk, and no whole number of them.
            try Data(repeating: UInt8(ascii: "a"), count: 1_000_000).write(to: URL(filePath: path.string))
            let expected = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
            #expect(try await FileDigest.sha256(of: path) == expected)
            try Data().write(to: URL(filePath: path.string))
            #expect(try await FileDigest.sha256(of: path) == SigV4.emptyPayload)
        }
    }

    @Test func `what is no file is an error that names it`() async throws {
        for path: FilePath in ["/nonexistent/file", "/dev"] {
            await #expect {
                _ = try await FileDigest.sha256(of: path)
            } throws: { error in
                (error as? ObjectStoreError)?.code == .fileFailed && "\(error)".contains(path.string)
            }
        }
    }

    @Test func `a full disk is called by its name`() async throws {
        await #expect {
            try await FileSystem.shared.withFileHandle(
                forWritingAt: "/dev/full", options: .modifyFile(createIfNecessary: false)
            ) { handle in
                do {
                    var file = PartialFile(handle: handle)
                    try await file.append(ByteBuffer(repeating: 1, count: PartialFile.chunk))
                } catch {
                    throw ObjectStoreError.wrapping(error, operation: "download of shot.mp4")
                }
            }
        } throws: { error in
            let error = error as? ObjectStoreError
            return error?.code == .diskFull && error?.isTransient == false
                && error?.detail.contains("no space left on this machine's disk") == true
        }
    }

    @Test func `a file is replaced in one step, or not at all`() async throws {
        try await withScratch { folder in
            let target = folder.appending("target")
            try Data("old".utf8).write(to: URL(filePath: target.string))
            await #expect(throws: ObjectStoreError.self) {
                try await PartialFile.replacing(target, operation: "download") { file in
                    try await file.append(ByteBuffer(string: "half"))
                    _ = try await file.finish()
                    throw ObjectStoreError(.checksumMismatch, "no")
                }
            }
            #expect(try String(contentsOfFile: target.string, encoding: .utf8) == "old")
            _ = try await PartialFile.replacing(target, operation: "download") { file in
                try await file.append(ByteBuffer(string: "half"))
                try await file.restart()
                try await file.append(ByteBuffer(string: "new"))
                return try await file.finish()
            }
            #expect(try String(contentsOfFile: target.string, encoding: .utf8) == "new")
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.string) == ["target"])
        }
    }

    private func withScratch(_ body: (FilePath) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "objectstore-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(FilePath(folder.path))
    }
}
