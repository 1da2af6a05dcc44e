package import SystemPackage

/// The files of a finished film.
package struct ComposedFilm: Sendable {
    package let film: FilePath
    package let poster: FilePath
    /// The report as JSON.
    package let reportFile: FilePath
    package let report: CompositionReport
}
