namespace Koopman

open System
open System.Text.Json.Nodes

/// Named values of a JSON object that a checkpoint holds: settings, written and read field by field.
[<RequireQualifiedAccess>]
module internal Fields =

    let private mismatch (name: string) (what: string) : Outcome<'T> =
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

    /// A number that is read back to the same bits. JSON has no NaN and no infinity: they are stored as strings.
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

    let ofInts (values: int list) : JsonNode = values |> Seq.map ofInt |> ofNodes

    let ofFloats (values: float list) : JsonNode = values |> Seq.map ofFloat |> ofNodes

    let private valueAt (name: string) (node: JsonObject) : JsonNode option = Option.ofObj node[name]

    let private valueOf<'T> (name: string) (what: string) (node: JsonNode option) : Outcome<'T> =
        match node with
        | Some(:? JsonValue as value) ->
            try
                Ok(value.GetValue<'T>())
            with
            | :? InvalidOperationException
            | :? FormatException -> mismatch name what
        | _ -> mismatch name what

    let private read<'T> (name: string) (what: string) (node: JsonObject) : Outcome<'T> =
        valueOf<'T> name what (valueAt name node)

    let int (name: string) (node: JsonObject) : Outcome<int> = read<int> name "a whole number" node

    let text (name: string) (node: JsonObject) : Outcome<string> = read<string> name "a text" node

    let flag (name: string) (node: JsonObject) : Outcome<bool> = read<bool> name "true or false" node

    /// A member of an enumeration, by its name.
    let choice<'T when 'T: struct and 'T: (new: unit -> 'T) and 'T :> ValueType>
        (name: string)
        (node: JsonObject)
        : Outcome<'T> =
        text name node
        |> Result.bind (fun found ->
            let names = Enum.GetNames typeof<'T>

            if Array.contains found names then
                Ok(Enum.Parse<'T> found)
            else
                mismatch name ("one of " + String.Join(", ", names)))

    let private number (name: string) (node: JsonNode option) : Outcome<float> =
        match valueOf<float> name "a number" node with
        | Ok number -> Ok number
        | Error error ->
            match valueOf<string> name "a number" node with
            | Ok "NaN" -> Ok nan
            | Ok "Infinity" -> Ok infinity
            | Ok "-Infinity" -> Ok -infinity
            | _ -> Error error

    let float (name: string) (node: JsonObject) : Outcome<float> = number name (valueAt name node)

    let object (name: string) (node: JsonObject) : Outcome<JsonObject> =
        match valueAt name node with
        | Some(:? JsonObject as value) -> Ok value
        | _ -> mismatch name "an object"

    let private each
        (name: string)
        (what: string)
        (take: JsonNode option -> Outcome<'T>)
        (node: JsonObject)
        : Outcome<'T list> =
        match valueAt name node with
        | Some(:? JsonArray as values) -> values |> Seq.map Option.ofObj |> Outcome.collect take
        | _ -> mismatch name what

    /// The numbers of a list.
    let floats (name: string) (node: JsonObject) : Outcome<float list> =
        each name "a list of numbers" (number name) node

    /// The whole numbers of a list.
    let ints (name: string) (node: JsonObject) : Outcome<int list> =
        let what = "a list of whole numbers"
        each name what (valueOf<int> name what) node

    let triple (name: string) (node: JsonObject) : Outcome<int * int * int> =
        match ints name node with
        | Ok [ a; b; c ] -> Ok(a, b, c)
        | Ok _ -> mismatch name "three whole numbers"
        | Error error -> Error error

    /// A complex number, stored as two.
    let complex (name: string) (node: JsonObject) : Outcome<Numerics.Complex> =
        match floats name node with
        | Ok [ real; imaginary ] -> Ok(Numerics.Complex(real, imaginary))
        | Ok _ -> mismatch name "two numbers, real and imaginary part"
        | Error error -> Error error

    /// The elements of a list of objects, each read by a function.
    let list (name: string) (take: JsonObject -> Outcome<'T>) (node: JsonObject) : Outcome<'T list> =
        let what = "a list of objects"

        node
        |> each name what (fun entry ->
            match entry with
            | Some(:? JsonObject as entry) -> take entry
            | _ -> mismatch name what)
