package import ObjectStore
package import StudioCore

/// The right, and everything needed, to make one attempt at a task.
package struct Grant: Sendable {
    /// A file that another task made.
    package struct Input: Sendable {
        package let name: String
        package let size: Int64
        /// Lower-case hexadecimal.
        package let sha256: String
        package let request: PresignedRequest

        package init(name: String, size: Int64, sha256: String, request: PresignedRequest) {
            self.name = name
            self.size = size
            self.sha256 = sha256
            self.request = request
        }
    }

    package let name: AttemptName
    /// The lease, from when the hub granted it.
    package let lease: Duration
    /// Goes with every upload grant and report of this attempt; a secret.
    package let token: String
    /// What to do, or why this program cannot read it.
    package let spec: Result<TaskSpec, TaskFailure>
    package let inputs: [Input]
    /// The longest that the attempt may take.
    package let limit: Duration

    package init(
        name: AttemptName, lease: Duration, token: String, spec: Result<TaskSpec, TaskFailure>, inputs: [Input],
        limit: Duration
    ) {
        self.name = name
        self.lease = lease
        self.token = token
        self.spec = spec
        self.inputs = inputs
        self.limit = limit
    }
}
