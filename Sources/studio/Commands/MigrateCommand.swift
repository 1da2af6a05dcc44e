import ArgumentParser
import DevStack

/// `studio migrate`.
struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Brings the database to the newest schema.",
        discussion: "The database is DATABASE_URL, or the local stack's.")

    @Flag(help: "Only list what is not applied yet.")
    var pending = false

    @OptionGroup var dev: DevOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let local = try await DevDirectory(dev.dir).stack().endpoints()?.databaseURL
        guard let url = Terminal.read(secret: "DATABASE_URL") ?? local else {
            throw Failure(.usage, "There is no database.\n→ Set DATABASE_URL, or start one with `studio dev up`.")
        }
        let names = pending ? try await Migrations.pending(url) : try await Migrations.apply(url)
        if output.json { return try output.print([pending ? "pending" : "applied": names]) }
        for name in names { Terminal.print(name) }
        if names.isEmpty { Terminal.note("The schema is up to date.") }
    }
}
