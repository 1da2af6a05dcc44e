package import StudioCore
package import SystemPackage

/// One attempt at a task, as an executor sees it: what to do, with what, and where.
package struct Assignment: Sendable {
    package let task: TaskID
    package let attempt: Int
    package let spec: TaskSpec
    /// The verified input files by the name under which the task receives them.
    package let inputs: [String: FilePath]
    /// An empty directory of this attempt alone; removed when the attempt ends.
    package let directory: FilePath

    package init(task: TaskID, attempt: Int, spec: TaskSpec, inputs: [String: FilePath], directory: FilePath) {
        self.task = task
        self.attempt = attempt
        self.spec = spec
        self.inputs = inputs
        self.directory = directory
    }
}
