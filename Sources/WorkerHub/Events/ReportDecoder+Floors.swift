import StudioCore

extension ReportDecoder.Report {
    /// What is wrong with the files that a worker says it made, by what the task asked for; `nil` when nothing is.
    ///
    /// The worker has measured them itself; this is for workers that are older than their hub, or worse. Whether all
    /// outputs are there is decided with the state of the task.
    func failure(against spec: TaskSpec, _ files: [ReportDecoder.File]) -> TaskFailure? {
        let floors = OutputFloor.table(of: spec)
        return files.lazy.compactMap { file in
            floors[file.name]?.failure(of: file.name, bytes: file.size, media: file.media)
        }.first
    }
}
