import Foundation
import ObjectStore
import SystemPackage
import Testing

@Suite struct ObjectStoreMemoryTests {
    @Test func `memory does not grow with the object`() async {
        // In a process of its own, where nothing else takes memory.
        await #expect(processExitsWith: .success) {
            try await ObjectStoreBench.use { bench in
                let size = 200 << 20
                // What the first transfer sets up once (threads, buffers, libraries) is not counted.
                let small = try bench.makeFile("small", size: 20 << 20)
                try await bench.client.upload(file: small, key: bench.prefix + "small", contentType: "a/b")
                try await bench.client.download(key: bench.prefix + "small", to: bench.folder.appending("small"))
                let file = try bench.makeFile("file", size: size)
                let before = try ResidentMemory.current()
                let (growth, _) = try await ResidentMemory.peak {
                    let stored = try await bench.client.upload(
                        file: file, key: bench.prefix + "large", contentType: "a/b")
                    let put = bench.client.presignPut(
                        key: bench.prefix + "single", contentType: "a/b", contentLength: Int64(size),
                        sha256: stored.sha256 ?? "", expires: .seconds(60))
                    _ = try await bench.transfers.upload(file: file, to: put)
                    for name in ["large", "single"] {
                        try await bench.transfers.download(
                            bench.client.presignGet(key: bench.prefix + name, expires: .seconds(60)),
                            to: bench.folder.appending("out"), expectedSHA256: stored.sha256)
                    }
                }
                #expect(growth - before < 64 << 20)
            }
        }
    }
}
