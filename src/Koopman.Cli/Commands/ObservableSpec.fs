namespace Koopman.Cli

open System
open System.Globalization
open Koopman

/// <summary>
/// Dictionaries as a user types them: <c>gaussians</c>, <c>gaussians:100</c>, <c>gaussians:100:0.3</c>, <c>monomials:4</c>,
/// <c>linear</c>; several are joined by <c>+</c>. Centres and unspecified widths are taken from the data.
/// </summary>
[<RequireQualifiedAccess>]
module ObservableSpec =

    /// <summary>The accepted forms, for help and messages.</summary>
    let grammar: string =
        "gaussians[:COUNT[:WIDTH]], matern32, matern52, laplacian or inverse-multiquadric:COUNT[:LENGTH], thin-plate:COUNT, "
        + "monomials:DEGREE, hermite:DEGREE, legendre:DEGREE (over the box of the data), fourier:HIGHEST:PERIOD, "
        + "random-fourier:COUNT:WIDTH, cells:COUNT, linear; several joined by +"

    let private unknown (text: string) : Outcome<'T> =
        KoopmanError.fail ErrorKind.InvalidSetting $"'{text}' is not a dictionary" $"Give {grammar}"

    let private whole (text: string) : Outcome<int> =
        match Int32.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture) with
        | true, value when value > 0 -> Ok value
        | _ -> KoopmanError.fail ErrorKind.InvalidSetting $"'{text}' is not a whole number above 0" $"Give {grammar}"

    let private real (text: string) : Outcome<float> =
        match Double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture) with
        | true, value -> Ok value
        | _ -> KoopmanError.fail ErrorKind.InvalidSetting $"'{text}' is not a number" $"Give {grammar}"

    /// Radial functions with a common length scale.
    let private radial: Map<string, float -> Kernel> =
        Map
            [
                "matern32", Kernel.Matern32
                "matern52", Kernel.Matern52
                "laplacian", Kernel.Laplacian
                "inverse-multiquadric", Kernel.InverseMultiquadric
            ]

    /// The smallest box around the samples.
    let private box (samples: Samples) : float[] * float[] =
        Tensors.within (fun () ->
            Tensors.toArray (samples.Points.amin [| 0L |]), Tensors.toArray (samples.Points.amax [| 0L |]))

    let private one (seed: Seed) (samples: Samples) (text: string) : Outcome<Observables> =
        let gaussians count width =
            Observables.gaussiansOver
                {
                    Centres = count
                    Width = width
                    Seed = seed
                }
                samples

        let sections (count: string) (kernel: float -> Kernel) (length: string option) =
            result {
                let! count = whole count

                let! length =
                    match length with
                    | Some length -> real length
                    | None -> Kernel.medianWidth samples

                use centres = Centres.farthest count samples
                return! Observables.sections (kernel length) centres
            }

        match List.ofArray (text.Trim().Split ':') with
        | [ "gaussians" ] -> gaussians None None
        | [ "gaussians"; count ] -> whole count |> Result.bind (fun count -> gaussians (Some count) None)
        | [ "gaussians"; count; width ] ->
            result {
                let! count = whole count
                let! width = real width
                return! gaussians (Some count) (Some width)
            }
        | [ "monomials"; degree ] ->
            whole degree
            |> Result.bind (fun degree -> Observables.monomials degree samples.Dimension)
        | [ "hermite"; degree ] ->
            whole degree
            |> Result.bind (fun degree -> Observables.hermite degree samples.Dimension)
        | [ "legendre"; degree ] ->
            whole degree
            |> Result.bind (fun degree -> Observables.legendre degree (box samples))
        | [ "fourier"; highest; period ] ->
            result {
                let! highest = whole highest
                let! period = real period
                return! Observables.fourier highest (Array.create samples.Dimension period)
            }
        | [ "thin-plate"; count ] -> sections count (fun _ -> Kernel.ThinPlate) (Some "1")
        | family :: count :: length when radial.ContainsKey family && length.Length < 2 ->
            sections count radial[family] (List.tryHead length)
        | [ "random-fourier"; count; width ] ->
            result {
                let! count = whole count
                let! width = real width
                return! Observables.randomFourier count width seed samples.Dimension
            }
        | [ "cells"; count ] ->
            whole count
            |> Result.bind (fun count -> Observables.cellIndicatorsOver count seed samples)
        | [ "linear" ] -> Ok(Observables.linear samples.Dimension)
        | _ -> unknown text

    /// <summary>The dictionary for these samples.</summary>
    let parse (seed: Seed) (samples: Samples) (text: string) : Outcome<Observables> =
        (None, text.Split '+')
        ||> Array.fold (fun so part ->
            match so with
            | None -> Some(one seed samples part)
            | Some(Error error) -> Some(Error error)
            | Some(Ok first) ->
                match one seed samples part with
                | Ok second -> Some(Observables.append first second)
                | Error error ->
                    first.Dispose()
                    Some(Error error))
        |> Option.defaultWith (fun () -> unknown text)
