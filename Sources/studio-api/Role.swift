import ProgramSettings

/// A part of the control plane that can run in a process of its own.
enum Role: String, CaseIterable {
    /// HTTP for studios.
    case gateway
    /// Dispatcher, lease reaper and reconciler.
    case orchestrator

    static let names = allCases.map(\.rawValue).joined(separator: ",")

    /// Reads a comma list.
    static func set(_ text: String) throws -> Set<Role> {
        let roles = try text.split(separator: ",").map { word in
            guard let role = Role(rawValue: String(word)) else {
                throw SettingError("--roles", "\"\(word)\" is no role; there are \(names)")
            }
            return role
        }
        guard !roles.isEmpty else { throw SettingError("--roles", "names no role; there are \(names)") }
        return Set(roles)
    }
}
