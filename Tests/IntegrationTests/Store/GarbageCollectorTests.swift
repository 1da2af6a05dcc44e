import Foundation
import ObjectStore
import Orchestrator
import Postgres
import StudioCore
import StudioStore
import Synchronization
import Testing

@Suite struct GarbageCollectorTests {
    @Test func `of old objects only those go that no report can show any more`() async throws {
        try await GarbageBench.with(tasks: 4) { bench in
            let tasks = bench.tasks
            var dead: Set<String> = []
            var kept: Set<String> = []
            // One attempt that failed, and one that made the artifact.
            _ = try await bench.store.claim(tasks[0], by: bench.worker)
            dead.insert(try await bench.upload(tasks[0], 1))
            try await bench.fail(tasks[0], 1)
            _ = try await bench.store.claim(tasks[0], attempt: 1, by: bench.worker)
            kept.insert(try await bench.upload(tasks[0], 2))
            #expect(try await bench.complete(tasks[0], 2) == .applied)
            // One that works, after one whose lease ran out.
            _ = try await bench.store.claim(tasks[1], by: bench.worker)
            dead.insert(try await bench.upload(tasks[1], 1))
            try await bench.expire(tasks[1])
            _ = try await bench.store.claim(tasks[1], attempt: 1, by: bench.worker)
            kept.insert(try await bench.upload(tasks[1], 2))
            // One that was canceled, and one that is being canceled.
            for task in tasks[2...] { _ = try await bench.store.claim(task, by: bench.worker) }
            dead.insert(try await bench.upload(tasks[2], 1))
            kept.insert(try await bench.upload(tasks[3], 1))
            for task in tasks[2...] { _ = try await bench.store.done(.cancel, task) }
            #expect(try await bench.store.report(tasks[2], attempt: 1, by: bench.worker, .canceled) == .applied)

            let report = try await bench.collector().collect()
            #expect(try await bench.keys() == kept)
            #expect(report.objects == dead.count)
            #expect(report.bytes == 9 * Int64(dead.count))
            #expect(report.listed == dead.count + kept.count)
            #expect(report.unknown == 0)
            #expect(try await bench.collector().collect().objects == 0)
        }
    }

    @Test func `young objects stay, whatever the rows say`() async throws {
        try await GarbageBench.with(tasks: 1) { bench in
            _ = try await bench.store.claim(bench.tasks[0], by: bench.worker)
            let key = try await bench.upload(bench.tasks[0], 1)
            try await bench.fail(bench.tasks[0], 1)
            let age = GarbageCollector.ageMin / .seconds(1)
            for seconds in [0, age - 60] {
                #expect(try await bench.collector(after: seconds).collect().objects == 0)
                #expect(try await bench.keys() == [key])
            }
            #expect(try await bench.collector(after: age + 60).collect().objects == 1)
            #expect(try await bench.keys().isEmpty)
        }
    }

    @Test func `a dry run counts the same and deletes nothing`() async throws {
        try await GarbageBench.with(tasks: 1) { bench in
            _ = try await bench.store.claim(bench.tasks[0], by: bench.worker)
            let key = try await bench.upload(bench.tasks[0], 1)
            _ = try await bench.objects.createMultipart(key: key, contentType: "audio/wav")
            try await bench.fail(bench.tasks[0], 1)
            let dry = try await bench.collector().collect(dryRun: true)
            #expect(dry.isDryRun)
            #expect(dry.objects == 1)
            #expect(dry.uploads == 1)
            #expect(try await bench.keys() == [key])
            let wet = try await bench.collector().collect()
            #expect((wet.objects, wet.bytes, wet.uploads) == (dry.objects, dry.bytes, dry.uploads))
        }
    }

    @Test func `what the database knows nothing of is counted and left alone`() async throws {
        try await GarbageBench.with(tasks: 1) { bench in
            let task = bench.tasks[0]
            _ = try await bench.store.claim(task, by: bench.worker)
            try await bench.fail(task, 1)
            // A task of another database, an attempt newer than a restored one, and no key of ours at all.
            let strange = [
                bench.key(TaskID(), 1), bench.key(task, 2), "\(bench.prefix)notes.txt", "\(bench.prefix)\(task)/01/a",
            ]
            for key in strange { try await bench.objects.put(bytes: [1], key: key, contentType: "text/plain") }
            let report = try await bench.collector().collect()
            #expect(report.unknown == strange.count)
            #expect(report.objects == 0)
            #expect(try await bench.keys() == Set(strange))
        }
    }

    @Test func `artifacts that were given up go, those of the new life stay`() async throws {
        try await GarbageBench.with(tasks: 1) { bench in
            let task = bench.tasks[0]
            _ = try await bench.store.claim(task, by: bench.worker)
            let old = try await bench.upload(task, 1)
            #expect(try await bench.complete(task, 1) == .applied)
            #expect(try await bench.collector().collect().objects == 0)
            _ = try await bench.store.done(.retry(.all), bench.run)
            _ = try await bench.store.claim(task, attempt: 1, by: bench.worker)
            let new = try await bench.upload(task, 2)
            #expect(try await bench.keys() == [old, new])
            #expect(try await bench.collector().collect().objects == 1)
            #expect(try await bench.complete(task, 2) == .applied)
            #expect(try await bench.collector().collect().objects == 0)
            #expect(try await bench.keys() == [new])
        }
    }

    @Test func `uploads in parts that nobody can complete are given up`() async throws {
        try await GarbageBench.with(tasks: 3) { bench in
            for task in bench.tasks { _ = try await bench.store.claim(task, by: bench.worker) }
            var ids: [String] = []
            for task in bench.tasks {
                ids.append(try await bench.objects.createMultipart(key: bench.key(task, 1), contentType: "audio/wav"))
            }
            // The first one failed, the second one was uploaded once more and is an artifact, the third one works.
            try await bench.fail(bench.tasks[0], 1)
            let visible = try await bench.upload(bench.tasks[1], 1)
            #expect(try await bench.complete(bench.tasks[1], 1) == .applied)
            #expect(try await bench.collector(after: 60).collect().uploads == 0)
            let report = try await bench.collector().collect()
            #expect(report.uploads == 2)
            #expect(report.objects == 0)
            let open = try await bench.objects.listMultipartUploads().filter { $0.key.hasPrefix(bench.prefix) }
            #expect(open.map(\.uploadID) == [ids[2]])
            #expect(try await bench.keys() == [visible])
        }
    }

    @Test func `an upload that the store does not give up keeps no other from its turn`() async throws {
        try await GarbageBench.with(tasks: 3) { bench in
            try await ObjectStoreBench.use { storage in
                for task in bench.tasks {
                    _ = try await bench.store.claim(task, by: bench.worker)
                    _ = try await bench.objects.createMultipart(key: bench.key(task, 1), contentType: "audio/wav")
                    try await bench.fail(task, 1)
                }
                // The path of the request is changed, so that its signature does not fit.
                let refused = Array(bench.key(bench.tasks[0], 1).utf8)
                let proxy = try FaultProxy(to: try #require(URLComponents(string: storage.endpoint)?.port)) {
                    { bytes in
                        guard bytes.starts(with: Array("DELETE ".utf8)), let key = bytes.firstRange(of: refused) else {
                            return bytes
                        }
                        var bytes = bytes
                        bytes[key.upperBound - 1] = UInt8(ascii: "x")
                        return bytes
                    }
                }
                defer { proxy.close() }
                let objects = try storage.client(endpoint: "http://127.0.0.1:\(proxy.port)")
                let report = try await bench.collector(objects: objects).collect()
                #expect(report.failed == 1)
                #expect(report.uploads == 2)
                let open = try await bench.objects.listMultipartUploads().filter { $0.key.hasPrefix(bench.prefix) }
                #expect(open.map(\.key) == [bench.key(bench.tasks[0], 1)])
                #expect(try await bench.collector().collect().uploads == 1)
            }
        }
    }

    @Test func `more objects than a page holds all get their turn`() async throws {
        let count = S3Client.pageLimit + 20
        try await GarbageBench.with(tasks: 1) { bench in
            let task = bench.tasks[0]
            _ = try await bench.store.claim(task, by: bench.worker)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for slot in 0..<16 {
                    group.addTask {
                        for number in stride(from: slot, to: count, by: 16) {
                            let key = ObjectKey(run: bench.run, task: task, attempt: 1, name: "\(number)")
                            try await bench.objects.put(bytes: [1], key: "\(key)", contentType: "text/plain")
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await bench.collector().collect().objects == 0)
            try await bench.fail(task, 1)
            let report = try await bench.collector().collect()
            #expect(report.objects == count)
            #expect(report.listed == count)
            #expect(!report.isPartial)
            #expect(try await bench.keys().isEmpty)
        }
    }

    /// Workers upload, lose their leases and report, early and late, while collectors look without a pause at objects
    /// that all seem old.
    @Test func `no report, however late, shows an object that was collected`() async throws {
        try await GarbageBench.with(tasks: 40) { bench in
            let looks = Looks()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<Looks.collectors {
                    group.addTask {
                        while !looks.isOver {
                            _ = try await bench.collector().collect()
                            looks.note()
                        }
                    }
                }
                try await withThrowingTaskGroup(of: Void.self) { workers in
                    for slot in 0..<8 {
                        workers.addTask {
                            for index in stride(from: slot, to: bench.tasks.count, by: 8) {
                                try await Self.live(bench, bench.tasks[index], isLate: index.isMultiple(of: 2), looks)
                            }
                        }
                    }
                    try await workers.waitForAll()
                }
                looks.end()
                try await group.waitForAll()
            }
            let rows = try await bench.store.client.query("SELECT object_key FROM artifacts")
            let visible = Set(try rows.map { try $0.decode("object_key", as: String.self) })
            #expect(visible.count == bench.tasks.count)
            // Nothing visible is missing, and after one more look nothing else is left.
            #expect(visible.isSubset(of: try await bench.keys()))
            _ = try await bench.collector().collect()
            #expect(try await bench.keys() == visible)
        }
    }

    /// A task's life: of two attempts, both upload; the first one's report comes before or after its lease is over.
    private static func live(_ bench: GarbageBench, _ task: TaskID, isLate: Bool, _ looks: Looks) async throws {
        _ = try await bench.store.claim(task, by: bench.worker)
        try await bench.upload(task, 1)
        guard isLate else {
            // Uploaded and looked at, not yet reported.
            try await looks.pass()
            #expect(try await bench.complete(task, 1) == .applied)
            return
        }
        try await bench.expire(task)
        // The worker that was thought dead reports after all, while another one begins.
        async let late = bench.complete(task, 1)
        _ = try await bench.store.claim(task, attempt: 1, by: bench.worker)
        try await bench.upload(task, 2)
        #expect(try await late == .stale)
        #expect(try await bench.complete(task, 2) == .applied)
    }

    /// How often the collectors have looked.
    private final class Looks: Sendable {
        struct NobodyLooks: Error {}

        static let collectors = 2

        private let state = Mutex((done: 0, isOver: false))

        var isOver: Bool { state.withLock { $0.isOver } }

        func note() { state.withLock { $0.done += 1 } }

        func end() { state.withLock { $0.isOver = true } }

        /// Returns when at least one look has begun and ended since.
        func pass() async throws {
            let begin = state.withLock { $0.done }
            for _ in 0..<5_000 {
                if state.withLock({ $0.done }) > begin + Self.collectors { return }
                try await Task.sleep(for: .milliseconds(2))
            }
            throw NobodyLooks()
        }
    }
}
