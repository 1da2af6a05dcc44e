import Foundation

/// What the system says about its processes.
enum ProcessTable {
    /// The positions of fields in `/proc/PID/stat`, counted from the state, which follows the command's name.
    static let parentField = 1
    static let startTimeField = 19

    /// Reads the fields of `/proc/PID/stat` from the process state on; nil when there is no such process.
    static func statFields(of pid: Int32) -> [Substring]? {
        // The name is in parentheses and may contain anything, parentheses and spaces too: cut after the last one.
        guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
            let end = text.lastIndex(of: ")")
        else { return nil }
        return text[text.index(after: end)...].split(separator: " ")
    }

    /// Identifies every process that descends from this one; empty where there is no `/proc`.
    static func descendants(of root: Int32) -> [ProcessIdentity] {
        var children: [Int32: [Int32]] = [:]
        for entry in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] {
            guard let pid = Int32(entry), let fields = statFields(of: pid), fields.count > parentField,
                let parent = Int32(fields[parentField])
            else { continue }
            children[parent, default: []].append(pid)
        }
        var found: [Int32] = []
        var queue = children[root] ?? []
        while let pid = queue.popLast() {
            found.append(pid)
            queue += children[pid] ?? []
        }
        return found.compactMap(ProcessIdentity.init(pid:))
    }

    /// Reads a process's name and arguments in one line; nil when they cannot be read.
    static func commandLine(of pid: Int32) -> String? {
        guard let bytes = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline"), !bytes.isEmpty else {
            return nil
        }
        return bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
    }
}
