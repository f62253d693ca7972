namespace Koopman

open System
open MathNet.Numerics.Distributions
open TorchSharp

/// The digits of Sobol points.
module private SobolDigits =

    /// For every dimension after the first the inner coefficients of a primitive polynomial over GF(2), as a number, and the odd
    /// numbers m_1 < 2, m_2 < 4, ... that start its recurrence, one for each degree. The polynomials are ordered by degree. The m were found by search,
    /// dimension by dimension with a few thousand trials each, for small t-values of the first 2⁴ to 2¹⁴ points together with each of the dimensions before.
    let private starts: int[][] =
        [|
            [| 0; 1 |]
            [| 1; 1; 1 |]
            [| 1; 1; 1; 7 |]
            [| 2; 1; 3; 3 |]
            [| 1; 1; 3; 3; 3 |]
            [| 4; 1; 1; 1; 7 |]
            [| 2; 1; 1; 1; 15; 19 |]
            [| 4; 1; 3; 7; 7; 1 |]
            [| 7; 1; 3; 7; 1; 25 |]
            [| 11; 1; 1; 3; 9; 7 |]
            [| 13; 1; 1; 7; 1; 21 |]
            [| 14; 1; 1; 7; 3; 29 |]
            [| 1; 1; 3; 3; 9; 23; 45 |]
            [| 13; 1; 3; 7; 15; 11; 41 |]
            [| 16; 1; 1; 1; 9; 17; 13 |]
            [| 19; 1; 1; 5; 11; 7; 61 |]
            [| 22; 1; 3; 3; 1; 9; 21 |]
            [| 25; 1; 3; 1; 1; 27; 13 |]
            [| 1; 1; 3; 3; 15; 27; 55; 117 |]
            [| 4; 1; 1; 5; 13; 7; 19; 57 |]
            [| 7; 1; 3; 7; 9; 3; 37; 105 |]
            [| 8; 1; 1; 7; 11; 31; 27; 111 |]
            [| 14; 1; 1; 3; 15; 1; 45; 107 |]
            [| 19; 1; 1; 5; 5; 9; 45; 5 |]
            [| 21; 1; 3; 7; 11; 27; 9; 1 |]
            [| 28; 1; 1; 5; 3; 15; 49; 117 |]
            [| 31; 1; 1; 1; 15; 17; 25; 1 |]
            [| 32; 1; 1; 1; 5; 27; 51; 109 |]
            [| 37; 1; 1; 7; 15; 23; 63; 107 |]
            [| 41; 1; 3; 5; 3; 23; 29; 119 |]
            [| 42; 1; 1; 5; 1; 5; 3; 39 |]
            [| 50; 1; 1; 1; 3; 5; 29; 95 |]
            [| 55; 1; 1; 7; 13; 7; 11; 81 |]
            [| 56; 1; 1; 1; 5; 29; 15; 111 |]
            [| 59; 1; 3; 3; 13; 17; 9; 59 |]
            [| 62; 1; 3; 1; 13; 27; 43; 67 |]
            [| 14; 1; 3; 5; 5; 21; 35; 121; 35 |]
            [| 21; 1; 3; 5; 9; 27; 29; 113; 11 |]
            [| 22; 1; 1; 1; 9; 13; 15; 85; 131 |]
            [| 38; 1; 1; 1; 1; 25; 15; 109; 63 |]
            [| 47; 1; 3; 7; 5; 13; 31; 99; 57 |]
            [| 49; 1; 1; 5; 11; 23; 5; 21; 103 |]
            [| 50; 1; 3; 1; 1; 1; 15; 89; 213 |]
            [| 52; 1; 3; 1; 9; 27; 13; 87; 251 |]
            [| 56; 1; 3; 1; 3; 31; 21; 107; 193 |]
            [| 67; 1; 1; 5; 1; 17; 15; 71; 177 |]
            [| 70; 1; 1; 7; 15; 5; 27; 83; 209 |]
            [| 84; 1; 1; 1; 1; 23; 19; 105; 13 |]
            [| 97; 1; 3; 7; 11; 3; 11; 127; 67 |]
            [| 103; 1; 1; 1; 5; 7; 61; 45; 231 |]
            [| 115; 1; 3; 5; 7; 7; 27; 3; 19 |]
            [| 122; 1; 1; 3; 15; 17; 33; 71; 53 |]
            [| 8; 1; 3; 1; 9; 9; 49; 7; 153; 73 |]
            [| 13; 1; 1; 3; 1; 19; 57; 41; 125; 267 |]
            [| 16; 1; 3; 3; 13; 13; 35; 79; 207; 387 |]
            [| 22; 1; 1; 7; 3; 13; 41; 109; 65; 491 |]
            [| 25; 1; 3; 1; 5; 11; 61; 65; 121; 395 |]
            [| 44; 1; 3; 1; 5; 29; 35; 85; 223; 237 |]
            [| 47; 1; 3; 5; 15; 25; 55; 85; 1; 47 |]
            [| 52; 1; 1; 1; 15; 27; 21; 33; 85; 143 |]
            [| 55; 1; 1; 5; 3; 29; 13; 115; 81; 401 |]
            [| 59; 1; 1; 5; 11; 9; 53; 91; 111; 501 |]
            [| 62; 1; 1; 3; 1; 19; 21; 9; 249; 267 |]
        |]

    let dimensions: int = starts.Length + 1

    /// The direction numbers of a dimension, counted from 0: 32 columns of binary digits, the leading digit in the highest bit.
    let directions (dimension: int) : uint32[] =
        let v = Array.zeroCreate<uint32> 32

        if dimension = 0 then
            for k in 0..31 do
                v[k] <- 1u <<< (31 - k)
        else
            let start = starts[dimension - 1]
            let degree, inner = start.Length - 1, start[0]

            for k in 0..31 do
                if k < degree then
                    v[k] <- uint32 start[k + 1] <<< (31 - k)
                else
                    v[k] <- v[k - degree] ^^^ (v[k - degree] >>> degree)

                    for i in 1 .. degree - 1 do
                        if (inner >>> (degree - 1 - i)) &&& 1 = 1 then
                            v[k] <- v[k] ^^^ v[k - i]

        v

    /// Random 32-bit words.
    let words (count: int) (seed: Seed) : uint32[] =
        use draws = Seed.uniform [| int64 count |] seed
        Tensors.toArray draws |> Array.map (fun u -> uint32 (u * 4294967296.0))

    /// Every digit plus a random combination of the digits before it (Matoušek 1998), selected by mask r.
    let mix (masks: uint32[]) (direction: uint32) : uint32 =
        let mutable mixed = 0u

        for digit in 0..31 do
            let place = 31 - digit
            // The digits before this one, and this one.
            let before = if digit = 0 then 0u else UInt32.MaxValue <<< (place + 1)
            let kept = direction &&& ((masks[digit] &&& before) ||| (1u <<< place))
            mixed <- mixed ||| (uint32 (Numerics.BitOperations.PopCount kept &&& 1) <<< place)

        mixed

/// <summary>
/// Sobol points: sequences that fill the cube far more evenly than random ones. The first 2^m points have one in each of 2^m equal
/// slices of every axis. For the evaluation of generators: the noise then adds little to the measured error.
/// </summary>
[<RequireQualifiedAccess>]
module Sobol =

    /// <summary>The maximum dimension.</summary>
    let dimensions: int = SobolDigits.dimensions

    let private check (count: int) (dimension: int) : Outcome<unit> =
        if count < 1 then
            KoopmanError.fail ErrorKind.TooFewSamples $"{count} Sobol points were requested" "Ask for at least one"
        else
            Require.between 1 dimensions "the dimension of Sobol points" dimension
            |> Require.advise "Use Seed.uniform or Seed.normal: in many dimensions Sobol points gain little"

    /// Row by row, in the order of Antonov and Saleev: one direction number per step.
    let private digits (count: int) (directions: uint32[][]) (first: uint32[]) : uint32[] =
        let d = directions.Length
        let points = Array.zeroCreate<uint32>(count * d)

        for axis in 0 .. d - 1 do
            let mutable x = first[axis]
            points[axis] <- x

            for i in 1 .. count - 1 do
                x <- x ^^^ directions[axis].[Numerics.BitOperations.TrailingZeroCount(uint32 i)]
                points[i * d + axis] <- x

        points

    /// <summary>The sequence itself, from its first point 0 on: no randomness.</summary>
    /// <param name="count">The number of points, n.</param>
    /// <param name="dimension">d, from 1 to 64.</param>
    /// <returns>n·d numbers in [0,1), row by row.</returns>
    let plain (count: int) (dimension: int) : Outcome<float[]> =
        check count dimension
        |> Result.map (fun () ->
            digits count (Array.init dimension SobolDigits.directions) (Array.zeroCreate dimension)
            |> Array.map (fun x -> float x / 4294967296.0))

    let private scrambled (count: int) (dimension: int) (seed: Seed) : float[] =
        let directions =
            Array.init dimension (fun axis ->
                let masks = SobolDigits.words 32 (Seed.derive $"Sobol digits {axis}" seed)
                SobolDigits.directions axis |> Array.map (SobolDigits.mix masks))

        let shift = SobolDigits.words dimension (Seed.derive "Sobol shift" seed)
        // Half a step keeps the points away from 0 and 1.
        digits count directions shift
        |> Array.map (fun x -> (float x + 0.5) / 4294967296.0)

    /// <summary>
    /// Scrambled Sobol points in the open unit cube: every point is uniform, and together they are as even as the sequence itself.
    /// </summary>
    /// <param name="count">The number of points, n; powers of 2 are the most even.</param>
    /// <param name="dimension">d, from 1 to 64.</param>
    /// <param name="seed">The seed of the scrambling.</param>
    /// <returns>The points (n, d), float64, which the caller owns.</returns>
    let uniform (count: int) (dimension: int) (seed: Seed) : Outcome<Tensor> =
        check count dimension
        |> Result.map (fun () -> Tensors.ofRows count (scrambled count dimension seed))

    /// <summary>Scrambled Sobol points mapped by the inverse normal distribution function: evenly distributed noise.</summary>
    /// <param name="count">The number of points, n.</param>
    /// <param name="dimension">d, from 1 to 64.</param>
    /// <param name="seed">The seed of the scrambling.</param>
    /// <returns>Standard normal points (n, d), float64, which the caller owns.</returns>
    let normal (count: int) (dimension: int) (seed: Seed) : Outcome<Tensor> =
        check count dimension
        |> Result.map (fun () ->
            scrambled count dimension seed
            |> Array.map (fun u -> Normal.InvCDF(0.0, 1.0, u))
            |> Tensors.ofRows count)
