namespace Koopman

open System
open System.Text.Json.Nodes

/// Named values of a JSON object that a checkpoint holds: settings, written and read field by field.
[<RequireQualifiedAccess>]
module internal Fields =

    let private mismatch (name: string) (what: string) : Result<'T, KoopmanError> =
        KoopmanError.fail
            ErrorKind.CheckpointMismatch
            $"The stored settings have no field '{name}' that is {what}"
            "The file was written by another version of the library: write it again with this one"

    /// A JSON object of these fields.
    let ofList (fields: (string * JsonNode) list) : JsonObject =
        let node = JsonObject()

        for name, value in fields do
            node.Add(name, value)

        node

    let ofInt (value: int) : JsonNode = JsonValue.Create value

    let ofText (value: string) : JsonNode = nonNull (JsonValue.Create value)

    let ofFlag (value: bool) : JsonNode = JsonValue.Create value

    /// A number that is read back to the same bits. JSON knows no NaN and no infinity: they are stored as texts.
    let ofFloat (value: float) : JsonNode =
        if Double.IsFinite value then
            JsonValue.Create value
        else
            ofText (value.ToString Globalization.CultureInfo.InvariantCulture)

    let ofNodes (values: JsonNode seq) : JsonNode =
        let list = JsonArray()

        for value in values do
            list.Add value

        list

    let ofInts (values: int[]) : JsonNode = values |> Seq.map ofInt |> ofNodes

    let private valueAt (name: string) (node: JsonObject) : JsonNode option = Option.ofObj node[name]

    let private valueOf<'T> (name: string) (what: string) (node: JsonNode option) : Result<'T, KoopmanError> =
        match node with
        | Some(:? JsonValue as value) ->
            try
                Ok(value.GetValue<'T>())
            with
            | :? InvalidOperationException
            | :? FormatException -> mismatch name what
        | _ -> mismatch name what

    let private read<'T> (name: string) (what: string) (node: JsonObject) : Result<'T, KoopmanError> =
        valueOf<'T> name what (valueAt name node)

    let int (name: string) (node: JsonObject) : Result<int, KoopmanError> = read<int> name "a whole number" node

    let text (name: string) (node: JsonObject) : Result<string, KoopmanError> = read<string> name "a text" node

    let flag (name: string) (node: JsonObject) : Result<bool, KoopmanError> = read<bool> name "true or false" node

    let float (name: string) (node: JsonObject) : Result<float, KoopmanError> =
        match read<float> name "a number" node with
        | Ok number -> Ok number
        | Error error ->
            match read<string> name "a number" node with
            | Ok "NaN" -> Ok nan
            | Ok "Infinity" -> Ok infinity
            | Ok "-Infinity" -> Ok -infinity
            | _ -> Error error

    let object (name: string) (node: JsonObject) : Result<JsonObject, KoopmanError> =
        match valueAt name node with
        | Some(:? JsonObject as value) -> Ok value
        | _ -> mismatch name "an object"

    /// The elements of a list, each taken by a function.
    let list
        (name: string)
        (take: JsonObject -> Result<'T, KoopmanError>)
        (node: JsonObject)
        : Result<'T list, KoopmanError> =
        match valueAt name node with
        | Some(:? JsonArray as values) ->
            values
            |> List.ofSeq
            |> Results.collect (fun value ->
                match value with
                | :? JsonObject as entry -> take entry
                | _ -> mismatch name "a list of objects")
        | _ -> mismatch name "a list of objects"

    /// The whole numbers of a list.
    let ints (name: string) (node: JsonObject) : Result<int[], KoopmanError> =
        match valueAt name node with
        | Some(:? JsonArray as values) ->
            values
            |> Seq.map Option.ofObj
            |> Results.collect (valueOf<int> name "a list of whole numbers")
            |> Result.map Array.ofList
        | _ -> mismatch name "a list of whole numbers"
