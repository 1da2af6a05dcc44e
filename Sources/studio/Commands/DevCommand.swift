import ArgumentParser
import DevStack
import Foundation
import SystemPackage

/// `studio dev …`.
struct DevCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dev", abstract: "Runs a whole studio on this machine.",
        subcommands: [
            DevUpCommand.self, DevStatusCommand.self, DevDownCommand.self, DevEnvCommand.self,
            DevSuperviseCommand.self, ChaosCommand.self,
        ])
}

/// `studio dev up`.
struct DevUpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up", abstract: "Starts services and programs, and leaves them running.",
        discussion: "DATABASE_URL, AMQP_URL and S3_ENDPOINT, where set, replace a service.")

    @Flag(help: "Start Postgres, RabbitMQ and S3, but none of our programs.")
    var servicesOnly = false

    @OptionGroup var dev: DevOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let directory = DevDirectory(dev.dir)
        let (dir, servicesOnly) = (dev.dir, servicesOnly)
        do {
            try await interruptible {
                let stack = try directory.stack()
                try await stack.requireTools(and: servicesOnly ? [] : LocalStudio.commands)
                try await directory.exclusively {
                    let endpoints = try await stack.up { Terminal.note("  \($0)") }
                    if servicesOnly { return }
                    try await LocalStudio.launch(
                        directory, endpoints, arguments: ["dev", "supervise", "--dir", dir])
                }
            }
        } catch let interrupted as Interrupted {
            throw Failure(.interrupted, "Stopped by signal \(interrupted.signal).\n→ `studio dev down` stops the rest.")
        }
        guard !servicesOnly, let secrets = directory.load() else { return }
        if output.json { return try output.print(["url": secrets.url]) }
        Terminal.print(secrets.url)
        Terminal.note("Try: studio init film && studio render film/film.yaml")
    }
}

/// `studio dev status`.
struct DevStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Shows what runs; ends with 1 when something does not.")

    @OptionGroup var dev: DevOptions
    @OptionGroup var output: OutputOptions

    private struct Report: Codable {
        let services: [ServiceStatus]
        let programs: [ProgramStatus]
    }

    func run() async throws {
        let directory = DevDirectory(dev.dir)
        let report = Report(
            services: try await directory.stack().status(),
            programs: await DetachedSupervisor(directory: directory.programs).statuses())
        if output.json {
            try output.print(report)
        } else {
            var table = Table("NAME", "STATE", "PID", "PORT", "DETAIL")
            for service in report.services {
                table.add(
                    "\(service.name)", service.state.rawValue, service.pid.map { "\($0)" } ?? "-",
                    service.port.map { "\($0)" } ?? "-", service.version ?? service.detail)
            }
            for program in report.programs {
                table.add(
                    program.name, program.state.rawValue, program.pid.map { "\($0)" } ?? "-",
                    program.port.map { "\($0)" } ?? "-", program.exit.map { "\($0)" } ?? "")
            }
            for line in table.lines { Terminal.print(line) }
        }
        let isUp = report.services.allSatisfy(\.isUsable) && report.programs.allSatisfy { $0.state == .ready }
        if !isUp { throw Failure(.error) }
    }
}

/// `studio dev down`.
struct DevDownCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "down", abstract: "Stops programs and services; the data stays.")

    @OptionGroup var dev: DevOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let directory = DevDirectory(dev.dir)
        guard FileManager.default.fileExists(atPath: directory.path.string) else {
            return Terminal.note("There is no stack in \(directory.path).")
        }
        let living = try await directory.exclusively {
            var living: [String] = []
            for programs in [directory.stress, directory.programs] {
                living += await DetachedSupervisor(directory: programs).stop()
            }
            try await directory.stack().down { Terminal.note("  \($0)") }
            return living
        }
        guard living.isEmpty else {
            throw Failure(.error, "Even SIGKILL has not ended: \(living.joined(separator: ", ")).\n→ Try again.")
        }
        if output.json { try output.print(["stopped": directory.path.string]) }
    }
}

/// `studio dev env`.
struct DevEnvCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "env", abstract: "Prints the stack's addresses and keys for a shell's eval.")

    @OptionGroup var dev: DevOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let directory = DevDirectory(dev.dir)
        guard let endpoints = try await directory.stack().endpoints() else {
            throw Failure(.notFound, "There is no stack in \(directory.path).\n→ Start one with `studio dev up`.")
        }
        let variables = endpoints.environment().merging(directory.load()?.environment ?? [:]) { $1 }
        if output.json { return try output.print(variables) }
        for line in ShellExports.lines(variables) { Terminal.print(line) }
    }
}

/// `studio dev supervise`: what `dev up` leaves running.
struct DevSuperviseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "supervise", abstract: "Runs the programs of a stack until SIGTERM.", shouldDisplay: false)

    @OptionGroup var dev: DevOptions

    func run() async throws {
        let directory = DevDirectory(dev.dir)
        let programs = try DetachedSupervisor(directory: directory.programs).programs()
        do {
            try await interruptible {
                try await supervise(
                    programs: programs, in: directory.programs, progress: { Terminal.note("\($0)") },
                    until: { _ in
                        // Cancelled by the signal.
                        while true { try await Task.sleep(for: .seconds(3600)) }
                    })
            }
        } catch is Interrupted {}
    }
}
