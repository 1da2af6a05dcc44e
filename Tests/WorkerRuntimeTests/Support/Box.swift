import Synchronization

/// A value that a test and what it tests share.
final class Box<Value: Sendable>: Sendable {
    private let state: Mutex<Value>

    init(_ value: Value) { state = Mutex(value) }

    var value: Value {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }

    func change(_ body: @Sendable (inout Value) -> Void) { state.withLock { body(&$0) } }
}
