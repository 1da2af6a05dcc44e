import Simulation
import Testing

@testable import Chaos

@Suite struct FaultScheduleTests {
    private static let lease = 12.0

    private func schedule(seed: UInt64, seconds: Double = 1_700) -> FaultSchedule {
        FaultSchedule(seed: seed, seconds: seconds, lease: Self.lease)
    }

    @Test func `the same seed makes the same faults, and another one others`() {
        #expect(schedule(seed: 7) == schedule(seed: 7))
        #expect(schedule(seed: 7) != schedule(seed: 8))
    }

    @Test func `a seed means the same faults on every machine`() {
        var dice = Dice(seed: 1)
        #expect(dice.next() == 0x910A_2DEC_8902_5CC1)
        #expect(dice.next() == 0xBEEB_8DA1_658E_EC67)
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `half an hour has 200 faults, of every kind`(seed: UInt64) {
        let faults = schedule(seed: seed).faults
        #expect(faults.count >= 200)
        #expect(Set(faults.map(\.kind)) == Set(FaultKind.allCases))
    }

    @Test(arguments: Array(1...50) as [UInt64])
    func `faults on the same part do not overlap, and few come at a time`(seed: UInt64) {
        let faults = schedule(seed: seed, seconds: 600).faults
        for fault in faults {
            let others = faults.filter { $0.number < fault.number && $0.at + $0.seconds > fault.at }
            #expect(others.count < FaultSchedule.concurrencyMax)
            for other in others { #expect(other.kind.resources.isDisjoint(with: fault.kind.resources)) }
        }
    }

    @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
    func `some deaths of workers have their time to themselves`(seed: UInt64) {
        let faults = schedule(seed: seed).faults
        let calm = faults.filter { kill in
            kill.kind == .killWorker
                && faults.allSatisfy { other in
                    other == kill || other.at + other.seconds + TakeOverTimes.aftermath <= kill.at
                        || other.at >= kill.at + ChaosConfiguration.takeOverLimit
                }
        }
        #expect(calm.count >= 3)
    }

    @Test(arguments: Array(1...20) as [UInt64], [14.0, 60, 300])
    func `every fault ends in time, and lasts as long as its kind may`(seed: UInt64, seconds: Double) {
        let faults = schedule(seed: seed, seconds: seconds).faults
        #expect(!faults.isEmpty)
        #expect(faults.map(\.number) == Array(1...faults.count))
        for fault in faults {
            #expect(fault.at + fault.seconds <= seconds)
            #expect(fault.kind.seconds(lease: Self.lease).contains(fault.seconds))
        }
    }

    @Test func `only the kinds that were asked for come`() {
        let kinds: [FaultKind] = [.killWorker, .databaseKill]
        let faults = FaultSchedule(seed: 3, seconds: 120, kinds: kinds, lease: Self.lease).faults
        #expect(Set(faults.map(\.kind)) == Set(kinds))
        #expect(FaultSchedule(seed: 3, seconds: 120, kinds: [], lease: Self.lease).faults.isEmpty)
    }
}
