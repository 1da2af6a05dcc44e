import Foundation
import SystemPackage

extension Stack {
    /// Says what each service does at this moment, asking each in its own protocol.
    package func status() async throws -> [ServiceStatus] {
        guard FileManager.default.fileExists(atPath: stateFile.string) else {
            var list: [ServiceStatus] = []
            for name in ServiceName.allCases where configuration.services.contains(name) {
                if let url = configuration.external.url(of: name) {
                    list.append(await Self.external(name, url: url))
                } else {
                    list.append(ServiceStatus(name, .stopped, detail: "never started"))
                }
            }
            return list
        }
        let context = try loadContext(creating: false)
        let records = state?.processes ?? [:]
        let external = configuration.external.excluding(context.ownEndpoints)
        return await withTaskGroup { group in
            for name in configuration.services {
                group.addTask {
                    if let url = external.url(of: name) { return await Self.external(name, url: url) }
                    return await Self.own(name, record: records[name.rawValue], in: context)
                }
            }
            var list: [ServiceStatus] = []
            for await status in group { list.append(status) }
            return list.sorted { $0.name.rawValue < $1.name.rawValue }
        }
    }

    private static func external(_ name: ServiceName, url: String) async -> ServiceStatus {
        let answers = await Probe.reaches(url)
        let host = URLComponents(string: url).flatMap(\.host) ?? "?"
        return ServiceStatus(
            name, answers ? .external : .unreachable, port: URLComponents(string: url)?.port,
            detail: "\(host), from the environment")
    }

    private static func own(
        _ name: ServiceName, record: ProcessRecord?, in context: StackContext
    ) async -> ServiceStatus {
        let log = context.log(name.rawValue).string
        let service: any StackService
        do {
            service = try context.service(name)
        } catch {
            return ServiceStatus(name, .stopped, detail: "\(error)", log: log)
        }
        guard let record else { return ServiceStatus(name, .stopped, port: service.port, detail: "stopped", log: log) }
        guard record.isAlive else {
            let end = ExitStatus(reading: context.exitFile(name.rawValue))
            return ServiceStatus(name, .crashed, port: service.port, since: record.since, detail: "\(end)", log: log)
        }
        let version = await service.probe()
        return ServiceStatus(
            name, version == nil ? .unresponsive : .running, pid: record.identity.pid, port: service.port,
            since: record.since, version: version, detail: service.summary, log: log)
    }
}

extension ServiceStatus {
    fileprivate init(
        _ name: ServiceName, _ state: State, pid: Int32? = nil, port: Int? = nil, since: Date? = nil,
        version: String? = nil, detail: String, log: String? = nil
    ) {
        self.init(
            name: name, state: state, pid: pid, port: port, since: since, version: version, detail: detail, log: log)
    }
}
