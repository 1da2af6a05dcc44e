/// How a client's pool stands, for metrics.
package struct PoolStatistics: Sendable, Equatable {
    /// Connections that are open, lent or not.
    package var open = 0
    /// Open connections that nobody uses.
    package var idle = 0
    /// Slots that are lent, those in which a connection is being made included.
    package var inUse = 0
    /// Callers that wait for a connection.
    package var waiting = 0
    /// Connections made so far.
    package var connects = 0
    /// Connections thrown away so far because they broke or missed a deadline.
    package var discards = 0
    /// Callers turned away so far because none came free in time or too many waited.
    package var refusals = 0
}
