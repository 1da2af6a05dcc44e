import Foundation

/// Checks values against the schemas of the OpenAPI document: as much of JSON Schema as the document uses.
struct SchemaCheck {
    private static let known: Set<String> = [
        "type", "description", "enum", "const", "anyOf", "$ref", "required", "properties", "additionalProperties",
        "items", "minimum", "maximum", "minItems", "maxItems", "maxLength", "minLength", "maxProperties", "pattern",
        "format", "default",
    ]

    let document: [String: Any]

    /// What is wrong with `value`, each fault with its place; empty when it fits.
    func faults(_ value: Any, _ schema: [String: Any], at place: String = "") -> [String] {
        let strange = Set(schema.keys).subtracting(Self.known)
        if !strange.isEmpty { return ["\(place): the check does not know \(strange.sorted())"] }
        if let reference = schema["$ref"] as? String {
            guard let target = resolve(reference) else { return ["\(place): \(reference) leads nowhere"] }
            return faults(value, target, at: place)
        }
        if let choices = schema["anyOf"] as? [[String: Any]] {
            let fits = choices.contains { faults(value, $0, at: place).isEmpty }
            return fits ? [] : ["\(place): fits none of the choices"]
        }
        if let constant = schema["const"] as? String, value as? String != constant {
            return ["\(place): is not \(constant)"]
        }
        if let words = schema["enum"] as? [String], !((value as? String).map(words.contains) ?? false) {
            return ["\(place): is none of \(words)"]
        }
        switch schema["type"] as? String {
        case "object": return object(value, schema, place)
        case "array":
            guard let elements = value as? [Any] else { return ["\(place): is no array"] }
            guard let items = schema["items"] as? [String: Any] else { return [] }
            return elements.enumerated().flatMap { faults($0.element, items, at: "\(place)/\($0.offset)") }
        case "string":
            guard let text = value as? String else { return ["\(place): is no text"] }
            if let pattern = schema["pattern"] as? String, text.range(of: pattern, options: .regularExpression) == nil {
                return ["\(place): does not match \(pattern)"]
            }
            return []
        case "integer", "number": return number(value, schema, place)
        case "boolean": return value is Bool ? [] : ["\(place): is neither true nor false"]
        default: return []
        }
    }

    private func object(_ value: Any, _ schema: [String: Any], _ place: String) -> [String] {
        guard let fields = value as? [String: Any] else { return ["\(place): is no object"] }
        let properties = schema["properties"] as? [String: [String: Any]] ?? [:]
        var faults = (schema["required"] as? [String] ?? []).filter { fields[$0] == nil }
            .map { "\(place)/\($0): is missing" }
        for (name, field) in fields {
            if let property = properties[name] {
                faults += self.faults(field, property, at: "\(place)/\(name)")
            } else if let other = schema["additionalProperties"] as? [String: Any] {
                faults += self.faults(field, other, at: "\(place)/\(name)")
            } else if schema["additionalProperties"] as? Bool == false {
                faults.append("\(place)/\(name): is not described")
            }
        }
        return faults
    }

    private func number(_ value: Any, _ schema: [String: Any], _ place: String) -> [String] {
        guard let number = (value as? NSNumber)?.doubleValue else { return ["\(place): is no number"] }
        if schema["type"] as? String == "integer", number != number.rounded() { return ["\(place): is not whole"] }
        let least = (schema["minimum"] as? NSNumber)?.doubleValue ?? -.infinity
        let most = (schema["maximum"] as? NSNumber)?.doubleValue ?? .infinity
        return number < least || number > most ? ["\(place): is not within its bounds"] : []
    }

    /// The part of the document that `#/a/b` names.
    func resolve(_ reference: String) -> [String: Any]? {
        var value: Any? = document
        for name in reference.split(separator: "/").dropFirst() { value = (value as? [String: Any])?[String(name)] }
        return value as? [String: Any]
    }

    /// Every `$ref` below `value`.
    static func references(_ value: Any) -> [String] {
        if let fields = value as? [String: Any] {
            return fields.flatMap { name, field in
                name == "$ref" ? [field as? String ?? ""] : references(field)
            }
        }
        return (value as? [Any])?.flatMap(references) ?? []
    }
}
