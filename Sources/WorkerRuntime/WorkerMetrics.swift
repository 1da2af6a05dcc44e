import Metrics

/// What a worker counts of itself.
enum WorkerMetrics {
    private static let running = Meter(label: "worker_attempts_running")

    static func attemptBegan() { running.increment() }

    static func attemptEnded() { running.decrement() }

    static func count(kind: String, outcome: String) {
        Counter(label: "worker_attempts", dimensions: [("kind", kind), ("outcome", outcome)]).increment()
    }

    static func countHint(outcome: String) {
        Counter(label: "worker_hints", dimensions: [("outcome", outcome)]).increment()
    }

    /// Counts the attempts that began to upload, by whether their slot went to the next hint.
    static func countUpload(isSlotFree: Bool) {
        Counter(label: "worker_uploads", dimensions: [("slot", isSlotFree ? "given_away" : "kept")]).increment()
    }

    static func recordDisk(freeBytes: Int64, directory: String) {
        Gauge(label: "worker_disk_free_bytes", dimensions: [("directory", directory)]).record(freeBytes)
    }

    /// 0 while the worker takes no work for want of room.
    static func recordDisk(hasRoom: Bool) {
        Gauge(label: "worker_disk_has_room").record(hasRoom ? 1 : 0)
    }

    /// 0 while the endpoint is used, 1 while it is tried with one attempt, 2 while it is left alone.
    static func recordCircuit(_ state: CircuitBreaker.State, endpoint: String) {
        let value =
            switch state {
            case .closed: 0
            case .halfOpen: 1
            case .open: 2
            }
        Gauge(label: "worker_endpoint_circuit_state", dimensions: [("endpoint", endpoint)]).record(value)
    }

    static func countCircuitOpening(endpoint: String) {
        Counter(label: "worker_endpoint_circuit_openings", dimensions: [("endpoint", endpoint)]).increment()
    }

    static func record(_ times: AttemptTimes, of result: AttemptResult, kind: String) {
        for (stage, duration) in [
            ("download", times.download), ("load", times.load), ("compute", times.compute), ("upload", times.upload),
        ] {
            Timer(label: "worker_stage_seconds", dimensions: [("kind", kind), ("stage", stage)])
                .recordSeconds(duration.secondsValue)
        }
        guard case .completed(let files) = result else { return }
        let bytes = files.reduce(0) { $0 + $1.declaration.size }
        Counter(label: "worker_upload_bytes", dimensions: [("kind", kind)]).increment(by: bytes)
    }
}
