import Synchronization

/// The place of a delivery among those that its consumer handles at the same time.
package final class DeliverySlot: Sendable {
    private let buffer: DeliveryBuffer
    private let wake: Signal
    private let isReleased = Mutex(false)

    init(_ buffer: DeliveryBuffer, wake: Signal) {
        self.buffer = buffer
        self.wake = wake
    }

    /// Gives the place to the next delivery, although this one is neither handled to its end nor settled.
    ///
    /// - Returns: false when as many deliveries as may have done so and are not settled: this one keeps its place.
    package func release() -> Bool {
        let answer = isReleased.withLock { isReleased in
            if !isReleased { isReleased = buffer.release() }
            return isReleased
        }
        if answer { wake.raise() }
        return answer
    }

    /// The delivery is settled.
    func end() {
        isReleased.withLock { isReleased in
            if isReleased { buffer.finishReleased() } else { buffer.finish(1) }
        }
        wake.raise()
    }
}
