namespace Koopman

open System
open TorchSharp

/// <summary>The lift of a flow: its features and the shape of its operator.</summary>
type LiftOptions =
    {
        /// <summary>The network F(t, x). Default three layers of 96.</summary>
        Network: MlpOptions
        /// <summary>The number m of features. Default 32.</summary>
        Features: int
        /// <summary>The operator. Default blocks of two.</summary>
        Generator: GeneratorShape
    }

/// <summary>
/// A flow made linear: z(t, x) = [1, t, x, F(t, x)] moves by one operator, dz/dτ = z L, so that the point after any time τ is the x part of z e^{τL}. The
/// points themselves are coordinates, so nothing has to be decoded. With a learned decoder z = [1, t, F] instead, and points are x = dec(t, F). It owns networks and
/// generator.
/// </summary>
[<Sealed>]
type Lift internal (net: Net, generator: FlowGenerator, decoder: Net option) =

    /// The part of points, or of their velocities, that is a coordinate.
    let coordinate (point: Tensor) : Tensor =
        if decoder.IsSome then point.narrow (-1L, 0L, 0L) else point

    /// The decoder on rows of any leading shape.
    let decode (decoder: Net) (time: Dual) (features: Dual) : Dual =
        let shape = features.Value.shape

        let rows (x: Dual) =
            x |> Dual.linearly (fun v -> v.reshape (-1L, v.shape[int (v.dim ()) - 1]))

        let out = Array.copy shape
        out[out.Length - 1] <- int64 decoder.Outputs

        decoder.Forward(rows time, rows features, None)
        |> Dual.linearly (fun v -> v.reshape out)

    /// <summary>The features' network.</summary>
    member _.Net: Net = net

    /// <summary>The decoder of (t, F), if the points are not coordinates themselves.</summary>
    member _.Decoder: Net option = decoder

    /// <summary>The operator L.</summary>
    member _.Generator: FlowGenerator = generator

    /// <summary>The dimension d of the points.</summary>
    member _.Dimension: int = net.Dimension

    /// <summary>The number m of features.</summary>
    member _.Features: int = net.Outputs

    /// <summary>The size D of the lifted space, 2+d+m or with a decoder 2+m.</summary>
    member _.Size: int = generator.Size

    /// <summary>What training changes, by name.</summary>
    member _.Parameters: (string * Tensor) list =
        [
            for name, parameter in net.Parameters do
                $"features.{name}", parameter
            for name, parameter in generator.Parameters do
                $"generator.{name}", parameter
            match decoder with
            | Some decoder ->
                for name, parameter in decoder.Parameters do
                    $"decoder.{name}", parameter
            | None -> ()
        ]

    /// <summary>z at times (n, 1) and points (n, d); classes (n) for a network that knows them.</summary>
    member _.Encode(time: Tensor, point: Tensor, classes: Tensor option) : Lifted =
        {
            Constant = 1.0
            Time = time
            Point = coordinate point
            Features = net.Forward(Dual.constant time, Dual.constant point, classes).Value
        }

    /// <summary>z and its rate of change J_z (1, v) where points move with velocities v (n, d).</summary>
    member _.EncodeAlong
        (time: Tensor, point: Tensor, velocity: Tensor, classes: Tensor option)
        : struct (Lifted * Lifted) =
        let ones = torch.ones_like time

        let features =
            net.Forward(Dual.create time ones, Dual.create point velocity, classes)

        struct ({
                    Constant = 1.0
                    Time = time
                    Point = coordinate point
                    Features = features.Value
                },
                {
                    Constant = 0.0
                    Time = ones
                    Point = coordinate velocity
                    Features = Dual.tangent features
                })

    /// <summary>The points of rows z.</summary>
    member _.Decode(z: Lifted) : Tensor =
        match decoder with
        | None -> z.Point
        | Some decoder -> (decode decoder (Dual.constant z.Time) (Dual.constant z.Features)).Value

    /// <summary>X(τ): the points of z e^{τL}, for horizons (n, 1) or (q, n, 1).</summary>
    member this.Position(z: Lifted, tau: Tensor) : Tensor =
        match decoder with
        | None -> generator.Position(z, tau)
        | Some _ -> this.Decode(generator.Advance(z, tau))

    /// <summary>X'(τ): how fast the points of z e^{τL} move.</summary>
    member _.Speed(z: Lifted, tau: Tensor) : Tensor =
        match decoder with
        | None -> generator.Speed(z, tau)
        | Some decoder ->
            let moved = generator.Advance(z, tau)
            let rate = generator.Rate moved

            decode
                decoder
                (Dual.create moved.Time (rate.Time.expand_as moved.Time))
                (Dual.create moved.Features rate.Features)
            |> Dual.tangent

    /// <summary>How the points of z e^{τL} change when z changes by dz: the x part of dz e^{τL}, or what the decoder makes of it.</summary>
    member _.Response(z: Lifted, dz: Lifted, tau: Tensor) : Tensor =
        match decoder with
        | None -> generator.Position(dz, tau)
        | Some decoder ->
            let moved, change = generator.Advance(z, tau), generator.Advance(dz, tau)

            decode decoder (Dual.create moved.Time change.Time) (Dual.create moved.Features change.Features)
            |> Dual.tangent

    /// <summary>The lift with copies of these values instead of its parameters, in their order.</summary>
    member _.With(values: Tensor list) : Lift =
        let features, rest = List.splitAt net.Parameters.Length values
        let operator, decoding = List.splitAt generator.Parameters.Length rest
        new Lift(net.With features, generator.With operator, decoder |> Option.map _.With(decoding))

    interface IDisposable with
        /// <summary>Frees network and generator.</summary>
        member _.Dispose() : unit =
            net.Dispose()
            (generator :> IDisposable).Dispose()
            decoder |> Option.iter _.Dispose()
