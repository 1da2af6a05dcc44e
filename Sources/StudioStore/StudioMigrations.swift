package import Postgres

/// The database's shape, in the order in which it grew.
package enum StudioMigrations {
    package static let all: [Migration] = [
        Migration(name: "0001_runs", sql: text(PackageResources._001_runs_sql)),
        Migration(name: "0002_workers", sql: text(PackageResources._002_workers_sql)),
        Migration(name: "0003_control", sql: text(PackageResources._003_control_sql)),
        Migration(name: "0004_placement", sql: text(PackageResources._004_placement_sql)),
        Migration(name: "0005_books", sql: text(PackageResources._005_books_sql)),
    ]

    private static func text(_ bytes: [UInt8]) -> String {
        String(decoding: bytes, as: UTF8.self)
    }
}
