import Foundation
package import SystemPackage

/// Which services a stack has, and where it keeps their files.
package struct StackConfiguration: Sendable {
    /// How the stack comes to its ports.
    package enum PortChoice: Sendable, Equatable {
        /// A free block, found at the first start and remembered in the state file.
        case automatic
        /// The block that starts at this port; see ``StackPorts/count`` for its length.
        case block(startingAt: Int)
    }

    /// The directory of the stack, absolute: data, logs, and the state file.
    package var root: FilePath
    /// The directory, absolute, that `.ci/install` fills with the tools that have no system package.
    package var tools: FilePath
    package var ports: PortChoice
    package var services: Set<ServiceName>
    /// Services that run elsewhere and replace those of the stack.
    package var external: ExternalServices
    /// How long one service may take from its start until it answers.
    package var readinessLimit: Duration
    /// The name of the database and of its owner.
    package var database: String
    package var bucket: String

    /// Makes a configuration; relative paths start at the current directory.
    ///
    /// - Parameters:
    ///   - tools: nil takes those of the checkout, from wherever the command is run.
    ///   - external: pass `ExternalServices()` to start every service whatever the environment says.
    package init(
        root: FilePath = ".dev/stack",
        tools: FilePath? = nil,
        ports: PortChoice = .automatic,
        services: Set<ServiceName> = Set(ServiceName.allCases),
        external: ExternalServices = ExternalServices(),
        readinessLimit: Duration = .seconds(60)
    ) {
        let here = FilePath(FileManager.default.currentDirectoryPath)
        self.root = here.pushing(root).lexicallyNormalized()
        self.tools = here.pushing(tools ?? ToolLocator.directory()).lexicallyNormalized()
        self.ports = ports
        self.services = services
        self.external = external
        self.readinessLimit = readinessLimit
        self.database = "ainern2d"
        self.bucket = "ainern2d"
    }
}
