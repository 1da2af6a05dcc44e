import StudioCore
import Testing

@testable import WorkerHub

@Suite struct HubConfigurationTests {
    @Test(arguments: [3, 12, 18, 60, 3_600])
    func `two heartbeats may be lost before a lease ends, and a worker is heard of often however long its leases are`(
        leaseSeconds: Int
    ) {
        var hub = HubConfiguration(host: "hub.test", port: 1, workerToken: "", attemptSecret: "")
        hub.lease = .seconds(leaseSeconds)
        #expect(hub.heartbeatInterval > .zero)
        #expect(hub.heartbeatInterval * 3 <= hub.lease)
        #expect(hub.heartbeatInterval <= .seconds(TaskLease.heartbeatSecondsMax))
    }
}
