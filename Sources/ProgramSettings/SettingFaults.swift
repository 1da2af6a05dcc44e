/// What is wrong with the settings of a program, all of it at once.
package struct SettingFaults: Error, Sendable, CustomStringConvertible {
    package private(set) var errors: [any Error] = []

    package init() {}

    /// Reads a setting, and keeps what is wrong with it.
    ///
    /// - Returns: `nil` when something is.
    package mutating func collect<Value>(_ read: () throws -> Value) -> Value? {
        do {
            return try read()
        } catch let faults as SettingFaults {
            errors += faults.errors
        } catch {
            errors.append(error)
        }
        return nil
    }

    package var description: String { errors.map { "\($0)" }.joined(separator: "\n") }
}
