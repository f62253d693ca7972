namespace Koopman

open System.Numerics

/// <summary>
/// Exponentials with real parameters. Exponents come in pairs s ± √D with real s and D: a conjugate pair if D is negative and two
/// real ones if it is positive, so that a fit passes smoothly from one to the other and the sum stays real.
/// </summary>
[<RequireQualifiedAccess>]
module internal ExponentialBasis =

    /// Exponents in the order of the parameters; in each pair, the one with the larger real or positive imaginary part comes first.
    let exponents (count: int) (parameters: float[]) : Complex[] =
        Array.init count (fun i ->
            if i = count - 1 && count % 2 = 1 then
                Complex(parameters[i], 0.0)
            else
                let s, d = parameters[i - i % 2], parameters[i - i % 2 + 1]
                let sign = if i % 2 = 0 then 1.0 else -1.0

                if d >= 0.0 then
                    Complex(s + sign * sqrt d, 0.0)
                else
                    Complex(s, sign * sqrt -d))

    /// The parameters of exponents that contain whole conjugate pairs.
    let parameters (exponents: Complex[]) : float[] =
        let pairs =
            exponents
            |> Array.filter (fun value -> value.Imaginary > 0.0)
            |> Array.collect (fun value -> [| value.Real; -(value.Imaginary * value.Imaginary) |])

        let reals =
            exponents
            |> Array.filter (fun value -> value.Imaginary = 0.0)
            |> Array.map _.Real
            |> Array.sort
            |> Array.chunkBySize 2
            |> Array.collect (function
                | [| a; b |] -> [| 0.5 * (a + b); 0.25 * (a - b) * (a - b) |]
                | single -> single)

        Array.append pairs reals

    /// Basis functions of a pair of exponents and their derivatives with respect to s and D, scaled so that none overflows.
    let private two (s: float) (d: float) (times: float[]) : struct (float[] * float[] * struct (float[] * float[])[]) =
        let first, last = times[0], times[times.Length - 1]
        let span = last - first

        if d > 0.0 && d * span * span > 1.0 then
            // If the two are far apart, the exponentials themselves are used: cosh and sinh would be nearly parallel.
            let delta = sqrt d

            let one (exponent: float) =
                let origin = if exponent > 0.0 then last else first
                times |> Array.map (fun t -> exp (exponent * (t - origin))), origin

            let up, upOrigin = one (s + delta)
            let down, downOrigin = one (s - delta)

            let slope (values: float[]) (origin: float) (factor: float) =
                Array.map2 (fun v t -> factor * (t - origin) * v) values times

            let bySum = struct (slope up upOrigin 1.0, slope down downOrigin 1.0)
            let half = 0.5 / delta
            struct (up, down, [| bySum; struct (slope up upOrigin half, slope down downOrigin -half) |])
        else
            let origin = if s > 0.0 then last else first
            let omega = sqrt (abs d)

            let values =
                times
                |> Array.map (fun t ->
                    let x = t - first
                    let scale = exp (s * (t - origin))
                    let z = omega * x

                    let c, k =
                        if abs (d * x * x) < 1e-8 then
                            1.0 + 0.5 * d * x * x, x * (1.0 + d * x * x / 6.0)
                        elif d < 0.0 then
                            cos z, sin z / omega
                        else
                            cosh z, sinh z / omega

                    // d/dD of k: its closed form suffers from cancellation if D is small.
                    let slope =
                        if abs (d * x * x) < 1e-3 then
                            x * x * x / 6.0 * (1.0 + d * x * x / 10.0 * (1.0 + d * x * x / 28.0))
                        else
                            0.5 * (x * c - k) / d

                    struct (t - origin, scale * c, scale * k, scale * 0.5 * x * k, scale * slope))

            let column (pick: struct (float * float * float * float * float) -> float) = values |> Array.map pick
            let c = column (fun (struct (_, c, _, _, _)) -> c)
            let k = column (fun (struct (_, _, k, _, _)) -> k)

            let later (f: float[]) =
                Array.map2 (fun (struct (t, _, _, _, _)) v -> t * v) values f

            struct (c,
                    k,
                    [|
                        struct (later c, later k)
                        struct (column (fun (struct (_, _, _, dc, _)) -> dc),
                                column (fun (struct (_, _, _, _, dk)) -> dk))
                    |])

    /// Φ (n, r), and for every parameter the columns that depend on it with their derivatives.
    let columns (count: int) (parameters: float[]) (times: float[]) : struct (float[][] * struct (int * float[][])[]) =
        let columns = ResizeArray<float[]>()
        let slopes = ResizeArray<struct (int * float[][])>()

        for i in 0..2 .. count - 1 do
            if i = count - 1 then
                let a = parameters[i]
                let origin = if a > 0.0 then times[times.Length - 1] else times[0]
                let values = times |> Array.map (fun t -> exp (a * (t - origin)))
                columns.Add values
                slopes.Add(struct (i, [| Array.map2 (fun v t -> (t - origin) * v) values times |]))
            else
                let struct (one, other, derivatives) = two parameters[i] parameters[i + 1] times
                columns.Add one
                columns.Add other

                for struct (first, second) in derivatives do
                    slopes.Add(struct (i, [| first; second |]))

        struct (columns.ToArray(), slopes.ToArray())
