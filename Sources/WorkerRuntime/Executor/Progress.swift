/// How far an attempt is.
package struct Progress: Sendable, Hashable {
    /// One of an open set: `dispatched`, `sampling`, `encoding`, `uploading`.
    package let phase: String
    package let done: Int
    /// 0 when it is not known.
    package let total: Int
    package let unit: String

    package init(phase: String, done: Int = 0, total: Int = 0, unit: String = "") {
        self.phase = phase
        self.done = done
        self.total = total
        self.unit = unit
    }

    /// The phase in which an executor gets its model ready.
    package static let loadingModel = "loading_model"

    /// The work is done, and the hub is being told.
    static let reporting = Progress(phase: "reporting")
}
