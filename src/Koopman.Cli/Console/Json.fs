namespace Koopman.Cli

open System
open System.Text
open System.Text.Json
open System.Text.Json.Nodes
open Koopman

/// <summary>A JSON value; null is JSON's null.</summary>
type Json = JsonNode | null

/// <summary>Makes and writes JSON.</summary>
[<RequireQualifiedAccess>]
module Json =

    /// <summary>A string.</summary>
    let text (value: string) : Json = JsonValue.Create value

    /// <summary>A whole number.</summary>
    let integer (value: int) : Json = JsonValue.Create value

    /// <summary>True or false.</summary>
    let flag (value: bool) : Json = JsonValue.Create value

    /// <summary>A number; null if it is not finite, which JSON cannot represent.</summary>
    let number (value: float) : Json =
        if Double.IsFinite value then
            JsonValue.Create value
        else
            null

    /// <summary>An array.</summary>
    let list (values: Json seq) : Json = JsonArray(Array.ofSeq values)

    /// <summary>An object with these members in order.</summary>
    let members (members: (string * Json) seq) : Json =
        let o = JsonObject()

        for name, value in members do
            o.Add(name, value)

        o

    /// <summary>Writes a value, indented and atomically.</summary>
    let write (path: string) (value: Json) : Outcome<unit> =
        let text =
            match value with
            | null -> "null"
            | node -> node.ToJsonString(JsonSerializerOptions(WriteIndented = true))

        let bytes = Encoding.UTF8.GetBytes(text + "\n")
        Files.writeAtomically path (fun stream -> stream.Write(bytes, 0, bytes.Length))
