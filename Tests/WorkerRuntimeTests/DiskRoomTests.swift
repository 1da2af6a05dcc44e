import AMQP
import Foundation
import Logging
import StudioCore
import StudioProto
import SystemPackage
import Testing

@testable import WorkerRuntime

@Suite struct DiskRoomTests {
    @Test(arguments: [
        (Bench.freeBytesMin - 1, "1 bytes short of the 1000 that must be free"), (nil, "cannot be written"),
    ])
    func `a worker without room claims nothing, and says what is wrong where`(
        freeBytes: Int64?, problem: String
    ) async throws {
        let bench = try Bench()
        bench.freeBytes.value = freeBytes
        try await bench.run {
            #expect(await bench.deliver() == .handBack)
            #expect(bench.hub.claimCalls == 0)
            #expect(bench.room.problem?.hasPrefix("\(bench.root.appending("attempts")): \(problem)") == true)
        }
    }

    @Test func `the disk is looked at before each claim`() async throws {
        let bench = try Bench()
        try await bench.run {
            #expect(await bench.deliver() == .accept)
            #expect(bench.room.problem == nil)
            bench.freeBytes.value = 0
            #expect(await bench.deliver() == .handBack)
            #expect(bench.hub.claimCalls == 1)
            // It is for the regular look to find room again: the consumer is told first.
            bench.freeBytes.value = Bench.freeBytesMin
            #expect(await bench.deliver() == .handBack)
        }
    }

    @Test func `room is found again by itself, and each change is told and logged once`() async throws {
        let (changes, lines, free) = (Box<[Bool]>([]), Box<[String]>([]), Box<Int64>(0))
        let clock = FakeClock()
        let room = DiskRoom(
            directories: ["/spool", "/scratch"], freeBytesMin: 10, clock: clock,
            logger: Logger(label: "disk") { _ in LineRecorder(lines: lines) }
        ) { directory in
            directory == "/scratch" ? free.value : 10
        }
        room.onChange { hasRoom in changes.change { $0.append(hasRoom) } }
        #expect(room.problem == "not looked at yet")
        let looks = Box(0)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await room.run() }
            defer { group.cancelAll() }
            for bytes: Int64 in [0, 3, 10, 11, 9, 0, 50] {
                free.value = bytes
                if looks.value > 0 { clock.advance(by: DiskRoom.interval) }
                looks.change { $0 += 1 }
                let next = DiskRoom.interval * looks.value
                try await eventually("it has looked") { clock.deadlines == [next] }
                let problem = "/scratch: \(10 - bytes) bytes short of the 10 that must be free"
                #expect(room.problem == (bytes < 10 ? problem : nil))
            }
        }
        #expect(changes.value == [false, true, false, true])
        let lost = "Worker takes no work: no room on its disk"
        let found = "Worker has room on its disk again and takes work"
        #expect(lines.value == [lost, found, lost, found])
    }

    @Test(arguments: [Errno.noSpace, .diskQuotaExceeded])
    func `a write that finds no room stops the worker at once, and the failure says where it was`(
        error: Errno
    ) async throws {
        let bench = try Bench(executor: FakeExecutor { _, _ in throw error })
        try await bench.run {
            #expect(await bench.deliver() == .accept)
            let failed = try #require(bench.publisher.taken.first?.failed)
            #expect(failed.errorClass == ErrorClass.resource.rawValue)
            #expect(failed.code == "disk_full")
            #expect(failed.detail.hasPrefix("worker bench, \(bench.root.appending("attempts")): "))
            #expect(bench.room.problem?.contains("no space left") == true)
            #expect(await bench.deliver() == .handBack)
            #expect(bench.hub.claimCalls == 1)
        }
    }

    @Test func `a real directory has room, one that is not there cannot be written`() throws {
        let bench = try Bench()
        defer { try? FileManager.default.removeItem(atPath: bench.root.string) }
        #expect(try DiskProbe.freeBytes(bench.root) > 0)
        #expect(!FileManager.default.fileExists(atPath: bench.root.appending(".probe").string))
        #expect(throws: Errno.noSuchFileOrDirectory) { try DiskProbe.freeBytes(bench.root.appending("nowhere")) }
    }
}
