import Foundation

/// Numbers rounded for reading.
package enum HumanNumbers {
    /// A time span: `0.4s`, `12s`, `1m 05s`, `2h 03m`, `3d 04h`.
    package static func duration(seconds: Double) -> String {
        guard seconds.isFinite, seconds >= 0, seconds < 1e12 else { return "?" }
        if seconds < 9.95 { return String(format: "%.1fs", seconds) }
        let whole = Int(seconds.rounded())
        return switch whole {
        case ..<60: "\(whole)s"
        case ..<3600: String(format: "%dm %02ds", whole / 60, whole % 60)
        case ..<86400: String(format: "%dh %02dm", whole / 3600, whole / 60 % 60)
        default: String(format: "%dd %02dh", whole / 86400, whole / 3600 % 24)
        }
    }

    /// A number of bytes, rounded: `999 B`, `22.4 kB`, `1.2 GB`.
    package static func bytes(_ count: Int) -> String {
        let text = self.count(count)
        guard let unit = text.last, unit.isLetter else { return text + " B" }
        return "\(text.dropLast()) \(unit)B"
    }

    /// A count of things: `1 thread`, `2 threads`.
    package static func count(_ count: Int, of thing: String) -> String { "\(count) \(thing)\(count == 1 ? "" : "s")" }

    /// A count, rounded: `999`, `22.4k`, `1.2M`.
    package static func count(_ count: Int) -> String {
        var number = Double(count)
        guard abs(number) >= 1000 else { return "\(count)" }
        for unit in ["k", "M", "G"] {
            number /= 1000
            // 999950 is 1.0M and not 1000.0k.
            if abs(number) < 999.95 { return String(format: "%.1f", number) + unit }
        }
        return String(format: "%.1fT", number / 1000)
    }
}
