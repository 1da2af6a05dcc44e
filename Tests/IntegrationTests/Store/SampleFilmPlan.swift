import StudioCore

/// A small film with everything in it that the store writes in its own way.
enum SampleFilmPlan {
    static let json = """
        {
          "film": {"title": "Small", "fps": 24, "size": "320x180", "seed": 7, "style": "ink"},
          "characters": {"mara": {"description": "harbour pilot in a red coat", "voice": "slt"}},
          "places": {"pier": {"description": "a wooden pier in thick fog"}},
          "music": [{"prompt": "slow cello", "from": "0s", "to": "end", "gain_db": -8}],
          "shots": [
            {"id": "s01", "duration": "2s", "video": {"prompt": "fog", "entities": ["pier"]},
             "effects": [{"prompt": "gull", "at": "0.5s"}]},
            {"id": "s02", "duration": "3s", "video": {"prompt": "Mara", "entities": ["mara", "pier"]},
             "dialogue": [{"by": "mara", "at": "0.5s", "line": "They are late."}], "lipsync": true}
          ]
        }
        """

    static func plan() throws -> RunPlan {
        Planner().plan(try RunSpec.parse(JSONValue(parsing: json)))
    }
}
