namespace Koopman

open System
open System.Numerics
open System.Text.Json.Nodes

/// <summary>
/// The encoding of a part 'T of a value 'Whole as fields of a JSON object. One description both writes and reads, so the two cannot disagree;
/// damaged input is an error, never a default value.
/// </summary>
[<NoComparison; NoEquality>]
type internal Codec<'Whole, 'T> =
    {
        Put: 'Whole -> (string * JsonNode) list
        Take: JsonObject -> Outcome<'T>
    }

/// The description of a record: <c>codec { let! width = Codec.int&lt;Options&gt; "width" _.Width and! ... return { ... } }</c>.
[<Sealed>]
type internal CodecBuilder() =

    member _.MergeSources(first: Codec<'Whole, 'A>, second: Codec<'Whole, 'B>) : Codec<'Whole, 'A * 'B> =
        {
            Put = fun whole -> first.Put whole @ second.Put whole
            Take =
                fun node ->
                    first.Take node
                    |> Result.bind (fun a -> second.Take node |> Result.map (fun b -> a, b))
        }

    member _.BindReturn(parts: Codec<'Whole, 'A>, make: 'A -> 'T) : Codec<'Whole, 'T> =
        {
            Put = parts.Put
            Take = parts.Take >> Result.map make
        }

/// One case of a union: its name, its fields, and a test for values of the case.
[<NoComparison; NoEquality>]
type internal UnionCase<'U> =
    {
        Name: string
        Fields: Codec<'U, 'U>
        Holds: 'U -> bool
    }

/// Fields of all kinds, and unions.
[<RequireQualifiedAccess>]
module internal Codec =

    let private mismatch (name: string) (what: string) : Outcome<'T> =
        KoopmanError.fail
            ErrorKind.CheckpointMismatch
            $"The stored settings have no field '{name}' that is {what}"
            "The file was written by another version of the library: write it again with this one"

    /// A JSON object of these fields.
    let json (fields: (string * JsonNode) list) : JsonObject =
        let node = JsonObject()

        for name, value in fields do
            node.Add(name, value)

        node

    let private ofText (value: string) : JsonNode = nonNull (JsonValue.Create value)

    /// A number that is read back to the same bits. JSON knows no NaN and no infinity: they are stored as texts.
    let private ofFloat (value: float) : JsonNode =
        if Double.IsFinite value then
            JsonValue.Create value
        else
            ofText (value.ToString Globalization.CultureInfo.InvariantCulture)

    let private ofNodes (values: JsonNode seq) : JsonNode = JsonArray(Array.ofSeq values)

    let private ofInt (value: int) : JsonNode = JsonValue.Create value

    let private ofInts: int list -> JsonNode = Seq.map ofInt >> ofNodes

    let private ofFloats: float list -> JsonNode = Seq.map ofFloat >> ofNodes

    let private read<'T> (what: string) (name: string) (node: JsonNode option) : Outcome<'T> =
        match node with
        | Some(:? JsonValue as value) ->
            try
                Ok(value.GetValue<'T>())
            with
            | :? InvalidOperationException
            | :? FormatException -> mismatch name what
        | _ -> mismatch name what

    let private readFloat (name: string) (node: JsonNode option) : Outcome<float> =
        match read<float> "a number" name node with
        | Ok number -> Ok number
        | Error error ->
            match read<string> "a number" name node with
            | Ok "NaN" -> Ok nan
            | Ok "Infinity" -> Ok infinity
            | Ok "-Infinity" -> Ok -infinity
            | _ -> Error error

    let private readObject (name: string) (node: JsonNode option) : Outcome<JsonObject> =
        match node with
        | Some(:? JsonObject as value) -> Ok value
        | _ -> mismatch name "an object"

    let private readEach
        (what: string)
        (take: string -> JsonNode option -> Outcome<'T>)
        (name: string)
        (node: JsonNode option)
        : Outcome<'T list> =
        match node with
        | Some(:? JsonArray as values) -> values |> Seq.map Option.ofObj |> Outcome.collect (take name)
        | _ -> mismatch name what

    let private readInts: string -> JsonNode option -> Outcome<int list> =
        let what = "a list of whole numbers"
        readEach what (read<int> what)

    let private readFloats: string -> JsonNode option -> Outcome<float list> =
        readEach "a list of numbers" readFloat

    let private field
        (put: 'F -> JsonNode)
        (take: string -> JsonNode option -> Outcome<'F>)
        (name: string)
        (get: 'Whole -> 'F)
        : Codec<'Whole, 'F> =
        {
            Put = fun whole -> [ name, put (get whole) ]
            Take = fun node -> take name (Option.ofObj node[name])
        }

    /// A field whose value must also satisfy a condition, which an error names.
    let private where
        (what: string)
        (holds: 'F -> bool)
        (kind: string -> ('Whole -> 'F) -> Codec<'Whole, 'F>)
        (name: string)
        (get: 'Whole -> 'F)
        : Codec<'Whole, 'F> =
        let field = kind name get

        { field with
            Take =
                field.Take
                >> Result.bind (fun value -> if holds value then Ok value else mismatch name what)
        }

    let int<'Whole> : string -> ('Whole -> int) -> Codec<'Whole, int> =
        field ofInt (read "a whole number")

    /// A whole number from 1.
    let count<'Whole> : string -> ('Whole -> int) -> Codec<'Whole, int> =
        where "a positive whole number" (fun value -> value > 0) int

    let ints<'Whole> : string -> ('Whole -> int list) -> Codec<'Whole, int list> =
        field ofInts readInts

    /// Three whole numbers.
    let triple<'Whole> : string -> ('Whole -> int * int * int) -> Codec<'Whole, int * int * int> =
        field (fun (a, b, c) -> ofInts [ a; b; c ]) (fun name node ->
            readInts name node
            |> Result.bind (function
                | [ a; b; c ] -> Ok(a, b, c)
                | _ -> mismatch name "three whole numbers"))

    let float<'Whole> : string -> ('Whole -> float) -> Codec<'Whole, float> =
        field ofFloat readFloat

    /// A finite number above 0.
    let positive<'Whole> : string -> ('Whole -> float) -> Codec<'Whole, float> =
        where "a positive number" (fun value -> value > 0.0 && Double.IsFinite value) float

    let floats<'Whole> : string -> ('Whole -> float list) -> Codec<'Whole, float list> =
        field ofFloats readFloats

    /// Numbers with names of their own.
    let named<'Whole> : string -> ('Whole -> (string * float) list) -> Codec<'Whole, (string * float) list> =
        field (fun numbers -> json [ for name, value in numbers -> name, ofFloat value ]) (fun name node ->
            readObject name node
            |> Result.bind (
                Outcome.collect (fun (KeyValue(name, value)) ->
                    readFloat name (Option.ofObj value) |> Result.map (fun value -> name, value))
            ))

    let text<'Whole> : string -> ('Whole -> string) -> Codec<'Whole, string> =
        field ofText (read "a text")

    let flag<'Whole> : string -> ('Whole -> bool) -> Codec<'Whole, bool> =
        field (fun value -> JsonValue.Create value) (read "true or false")

    /// A flag that is written only where it is true.
    let mark (name: string) (get: 'Whole -> bool) : Codec<'Whole, bool> =
        let present: Codec<'Whole, bool> = flag name get

        {
            Put = fun whole -> if get whole then present.Put whole else []
            Take =
                fun node ->
                    if node.ContainsKey name then
                        present.Take node
                    else
                        Ok false
        }

    /// A member of an enumeration, by its name.
    let choice<'Whole, 'E when 'E: struct and 'E: (new: unit -> 'E) and 'E :> ValueType>
        : string -> ('Whole -> 'E) -> Codec<'Whole, 'E> =
        let names = Enum.GetNames typeof<'E>

        field (fun (value: 'E) -> ofText (string value)) (fun name node ->
            read "a text" name node
            |> Result.bind (fun found ->
                if Array.contains found names then
                    Ok(Enum.Parse<'E> found)
                else
                    mismatch name ("one of " + String.Join(", ", names))))

    /// A complex number, as two.
    let complex<'Whole> : string -> ('Whole -> Complex) -> Codec<'Whole, Complex> =
        field (fun (value: Complex) -> ofFloats [ value.Real; value.Imaginary ]) (fun name node ->
            readFloats name node
            |> Result.bind (function
                | [ real; imaginary ] -> Ok(Complex(real, imaginary))
                | _ -> mismatch name "two numbers, real and imaginary part"))

    /// Settings that are described elsewhere, as they are.
    let settings<'Whole> : string -> ('Whole -> JsonObject) -> Codec<'Whole, JsonObject> =
        field (fun value -> value) readObject

    /// A value of its own under a name.
    let object (inner: Codec<'F, 'F>) : string -> ('Whole -> 'F) -> Codec<'Whole, 'F> =
        field (fun value -> json (inner.Put value)) (fun name -> readObject name >> Result.bind inner.Take)

    /// The same, which may be missing.
    let optional (inner: Codec<'F, 'F>) (name: string) (get: 'Whole -> 'F option) : Codec<'Whole, 'F option> =
        let present = object inner name Option.get<'F>

        {
            Put = fun whole -> get whole |> Option.map (Some >> present.Put) |> Option.defaultValue []
            Take =
                fun node ->
                    if node.ContainsKey name then
                        present.Take node |> Result.map Some
                    else
                        Ok None
        }

    /// The values of a list.
    let list (inner: Codec<'F, 'F>) : string -> ('Whole -> 'F[]) -> Codec<'Whole, 'F[]> =
        field (Seq.map (fun value -> json (inner.Put value) :> JsonNode) >> ofNodes) (fun name node ->
            readEach "a list of objects" (fun name -> readObject name >> Result.bind inner.Take) name node
            |> Result.map Array.ofList)

    /// A description that is made when it is needed, for values that hold values of their own kind.
    let later (make: unit -> Codec<'Whole, 'T>) : Codec<'Whole, 'T> =
        {
            Put = fun whole -> (make ()).Put whole
            Take = fun node -> (make ()).Take node
        }

    /// A case with a value: a function that extracts it from the union if it is of this case, and the constructor.
    let case (name: string) (pick: 'U -> 'F option) (make: 'F -> 'U) (inner: Codec<'F, 'F>) : UnionCase<'U> =
        {
            Name = name
            Fields =
                {
                    Put = fun whole -> inner.Put (pick whole).Value
                    Take = inner.Take >> Result.map make
                }
            Holds = pick >> Option.isSome
        }

    /// A case without fields.
    let bare (name: string) (value: 'U) : UnionCase<'U> when 'U: equality =
        {
            Name = name
            Fields =
                {
                    Put = fun _ -> []
                    Take = fun _ -> Ok value
                }
            Holds = (=) value
        }

    /// A union: the name of the case in one field, next to the fields of the case.
    let union (tag: string) (cases: UnionCase<'U> list) : Codec<'U, 'U> =
        {
            Put =
                fun whole ->
                    let case = cases |> List.find (fun case -> case.Holds whole)
                    (tag, ofText case.Name) :: case.Fields.Put whole
            Take =
                fun node ->
                    (text tag id).Take node
                    |> Result.bind (fun found ->
                        match cases |> List.tryFind (fun case -> case.Name = found) with
                        | Some case -> case.Fields.Take node
                        | None ->
                            KoopmanError.fail
                                ErrorKind.CheckpointMismatch
                                $"The stored settings have an unknown {tag} '{found}'"
                                "The file was written by a newer version of the library: use that version")
        }

    /// One whole value as an object.
    let write (codec: Codec<'Whole, 'T>) (value: 'Whole) : JsonObject = json (codec.Put value)

[<AutoOpen>]
module internal CodecSyntax =

    let codec: CodecBuilder = CodecBuilder()
