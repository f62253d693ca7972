namespace Koopman.Formats

open System
open System.IO
open Koopman

/// Errors and bounds of all readers.
[<RequireQualifiedAccess>]
module internal Reading =

    let fail (path: string) (cause: string) (remedy: string) : Outcome<'T> =
        KoopmanError.fail ErrorKind.UnreadableFile $"Cannot read '{path}': {cause}" remedy

    let damaged (path: string) (cause: string) : Outcome<'T> =
        fail path cause "Copy it again from the original, or write it again"

    /// Fails before anything of this size is made of a file that can hardly hold it.
    let bounded (path: string) (stored: int64) (shape: int64 seq) : Outcome<int64> =
        let count = shape |> Seq.fold (fun product extent -> product * bigint extent) 1I

        if count > bigint Array.MaxLength then
            fail
                path
                $"it claims an array of {count} numbers, more than one array can hold"
                "Write a part of it to a file of its own"
        elif Files.isBomb stored (8L * int64 count) then
            Files.bomb path stored (8L * int64 count)
        else
            Ok(int64 count)

    /// Arrays under their names. Vectors lie in one axis, whichever it was.
    let squeeze (shape: int[]) (values: float[]) : NumericArray =
        match shape |> Array.filter (fun extent -> extent <> 1) with
        | [||] when values.Length = 1 -> { Shape = [||]; Values = values }
        | [| n |] -> { Shape = [| n |]; Values = values }
        | _ -> { Shape = shape; Values = values }

    let startsWith (offset: int) (magic: byte[]) (bytes: byte[]) : bool =
        bytes.Length >= offset + magic.Length
        && bytes.AsSpan(offset, magic.Length).SequenceEqual(ReadOnlySpan magic)

    /// What was left out, in one remark.
    let remarks (left: (string * string) list) : string list =
        let shown =
            left |> List.truncate 5 |> List.map (fun (name, why) -> $"`{name}` ({why})")

        match left.Length - shown.Length with
        | _ when left.IsEmpty -> []
        | 0 -> [ "not read: " + String.Join(", ", shown) ]
        | more -> [ "not read: " + String.Join(", ", shown) + $" and {more} more" ]
