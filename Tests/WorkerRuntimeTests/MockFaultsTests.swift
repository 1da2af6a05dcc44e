import ProgramSettings
import StudioCore
import Testing
import WorkerRuntime

struct MockFaultsTests {
    @Test func `every part of the text is read`() throws {
        let faults = try MockFaults(
            " fail=5%, hang=1% ,corrupt=2.5%,oom=2%,empty=3%,crash=4%,latency=200ms..2s,seed=7 ")
        #expect(faults.fail == 0.05)
        #expect(faults.hang == 0.01)
        #expect(faults.corrupt == 0.025)
        #expect(faults.oom == 0.02)
        #expect(faults.empty == 0.03)
        #expect(faults.crash == 0.04)
        #expect(faults.latency == .milliseconds(200) ... .seconds(2))
        #expect(faults.seed == 7)
        #expect(try MockFaults("latency=1s").latency == .seconds(1) ... .seconds(1))
        #expect(try MockFaults("") == .none)
    }

    @Test(arguments: [
        ("fail", "\"fail\" is not name=value"),
        ("fail=5", "\"fail=5\" is not a share between 0% and 100%"),
        ("hang=101%", "\"hang=101%\" is not a share between 0% and 100%"),
        ("latency=2s..1s", "\"latency=2s..1s\" is not a time like 200ms, 2s or 200ms..2s"),
        ("latency=soon", "\"latency=soon\" is not a time like 200ms, 2s or 200ms..2s"),
        (
            "explode=1%",
            "\"explode=1%\" is none of fail, hang, corrupt, oom, empty, crash, endpoint_down, latency, seed"
        ),
        ("seed=-1", "\"seed=-1\" is not a whole number"),
        ("fail=60%,crash=41%", "the shares add up to more than 100%"),
    ])
    func `what cannot be read is named`(_ text: String, _ problem: String) {
        let error = #expect(throws: SettingError.self) { try MockFaults(text) }
        #expect(error?.variable == "MOCK_FAULTS")
        #expect(error?.problem == problem)
    }

    @Test func `fates depend on task and attempt only, and come in their shares`() throws {
        let faults = try MockFaults("fail=20%,oom=10%,empty=15%,crash=5%,latency=100ms..300ms")
        let tasks = (0..<2_000).map { _ in TaskID() }
        let fates = tasks.map { faults.fate(of: $0, attempt: 1) }
        #expect(fates == tasks.map { faults.fate(of: $0, attempt: 1) })
        #expect(fates != tasks.map { faults.fate(of: $0, attempt: 2) })
        let other = try MockFaults("fail=20%,oom=10%,seed=2")
        #expect(fates != tasks.map { other.fate(of: $0, attempt: 1) })
        let failed = fates.filter { $0 == .fail }.count
        #expect((300...500).contains(failed))
        #expect((120...280).contains(fates.filter { $0 == .oom }.count))
        #expect((200...400).contains(fates.filter { $0 == .empty }.count))
        #expect((50...150).contains(fates.filter { $0 == .crash }.count))
        let delays = tasks.map { faults.delay(of: $0, attempt: 1) }
        let lonely = try MockFaults("endpoint_down=100%")
        #expect(tasks.allSatisfy { lonely.fate(of: $0, attempt: 1) == .endpointDown })
        #expect(delays.allSatisfy { $0 >= .milliseconds(100) && $0 <= .milliseconds(300) })
        #expect(Set(delays).count > 1_000)
    }

    @Test func `settings come from the environment and name what is wrong`() throws {
        let good = try MockSettings(Settings { name, _ in ["MOCK_SPEED": "20", "MOCK_FAULTS": "oom=1%"][name] })
        #expect(good.speed == 20)
        #expect(good.faults.oom == 0.01)
        #expect(try MockSettings(Settings { name, _ in ["MOCK_LOAD_SECONDS": "0.5"][name] }).load == .seconds(0.5))
        for (variable, value) in [("MOCK_SPEED", "fast"), ("MOCK_LOAD_SECONDS", "-1")] {
            let error = #expect(throws: SettingError.self) {
                try MockSettings(Settings { name, _ in name == variable ? value : nil })
            }
            #expect(error?.variable == variable)
        }
    }
}
