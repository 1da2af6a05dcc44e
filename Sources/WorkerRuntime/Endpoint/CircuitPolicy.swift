/// When a worker stops using an endpoint that is down, and for how long.
package struct CircuitPolicy: Sendable, Hashable {
    /// So many failures in a row, each of which says that the endpoint is down, open the circuit.
    package var failuresMax = 3
    /// For how long it is open the first time; doubles with each probe that fails.
    package var firstPause: Duration = .seconds(10)
    /// No pause is longer.
    package var pauseMax: Duration = .seconds(300)

    package init() {}
}
