/// What a user asks for, checked: every reference resolves and every time fits.
package struct RunSpec: Sendable, Hashable {
    /// What the run makes.
    package enum Work: Sendable, Hashable {
        case film(Film)
        case load(Load)
    }

    /// Tasks that do nothing, to measure the control plane.
    package struct Load: Sendable, Hashable {
        package var tasks: Int
        package var sleepMilliseconds: Int
    }

    /// How the run is carried out.
    package struct Policy: Sendable, Hashable {
        package var priority: TaskPriority
        /// How often each task is attempted before it fails.
        package var attemptsMax: Int
        /// How long the run may take from its submission, in seconds; what is not done then is given up.
        package var deadlineSeconds: Int?
        /// What workers must be able to do to get the run's tasks.
        package var requires = TaskRequirements.none

        package static let standard = Policy(priority: .batch, attemptsMax: 3)
    }

    /// The largest document that is read, in bytes.
    package static let bytesMax = SpecLimits.bytesMax

    package var work: Work
    package var policy: Policy
    /// The user's own notes; means nothing to us.
    package var metadata: [String: String]
    /// Words to find the run by, sorted.
    package var labels: [String]

    /// The film, unless the run makes none.
    package var film: Film? {
        if case .film(let film) = work { film } else { nil }
    }

    /// What lists call the run.
    package var title: String {
        switch work {
        case .film(let film): film.title
        case .load(let load): "\(load.tasks) no-op tasks"
        }
    }
}
